//! Which addresses the provider may be at.
//!
//! The name in the operator's setting is resolved here, and the connection goes to an address that was judged: a name that
//! points elsewhere a moment later changes nothing. Redirects, which would be a second address, are never followed.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Where clouds hand out the credentials of the machine. No provider is at one of them, whatever is allowed.
const METADATA_SERVICES: [IpAddr; 8] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// What kind of address one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of the internet.
    Public,
    /// Of this machine or of a network that is not the internet.
    Private,
    /// Of nobody, of many, or of a cloud's metadata service.
    Never,
}

/// Tells what kind of address `ip` is. One that carries another inside is what that one is.
#[must_use]
pub fn kind(ip: IpAddr) -> Kind {
    if METADATA_SERVICES.contains(&ip) {
        return Kind::Never;
    }
    match ip {
        IpAddr::V4(ip) => kind_v4(ip),
        IpAddr::V6(ip) => embedded(ip).map_or_else(|| kind_v6(ip), |ip| kind(IpAddr::V4(ip))),
    }
}

fn kind_v4(ip: Ipv4Addr) -> Kind {
    match ip.octets() {
        [0 | 224..=255, ..] => Kind::Never,
        [10 | 127, ..]
        | [100, 64..=127, ..]
        | [169, 254, ..]
        | [172, 16..=31, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [192, 168, ..]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Kind::Private,
        _ => Kind::Public,
    }
}

/// Of IPv6 only what is given out for the internet is public; what is not known is not.
fn kind_v6(ip: Ipv6Addr) -> Kind {
    match ip.segments() {
        _ if ip.is_unspecified() || ip.is_multicast() => Kind::Never,
        // Teredo, protocol assignments, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Private,
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Private,
    }
}

/// The IPv4 address inside: mapped, compatible, NAT64, 6to4, ISATAP.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low]
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// Which kinds of address may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) private: bool,
    pub(crate) public: bool,
}

impl Reach {
    /// # Errors
    /// When `ip` must not be connected to, with the reason.
    pub(crate) fn check(self, ip: IpAddr) -> Result<(), Refused> {
        match kind(ip) {
            Kind::Public if self.public => Ok(()),
            Kind::Private if self.private => Ok(()),
            Kind::Public => Err(Refused::Unencrypted),
            Kind::Private => Err(Refused::Private),
            Kind::Never => Err(Refused::Never),
        }
    }

    /// Leaves what may be connected to.
    fn filter(self, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        let mut refused = None;
        let allowed: Vec<_> =
            found.filter(|address| self.check(address.ip()).map_err(|why| refused = Some(why)).is_ok()).collect();
        match refused {
            Some(why) if allowed.is_empty() => Err(why),
            _ => Ok(allowed),
        }
    }
}

/// Why an address is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is of this machine or of a network that is not the internet, which was not allowed.
    Private,
    /// It is of the internet, and what is asked would go there unencrypted.
    Unencrypted,
    /// It is of nobody, of many, or of a cloud's metadata service.
    Never,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => {
                "the address belongs to this machine or to a private network: set BULKHEAD_ASSISTANT_ALLOW_PRIVATE if the \
                 provider is meant to be there"
            }
            Self::Unencrypted => "the address is on the internet: it takes https://",
            Self::Never => "no provider can be at such an address",
        })
    }
}

impl std::error::Error for Refused {}

/// Resolves names with the means of the machine and hands on only what may be connected to.
pub(crate) struct GuardedResolver(pub(crate) Reach);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            // Port 0 stands for the one of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Addrs = Box::new(reach.filter(found)?.into_iter());
            Ok(allowed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERNET: Reach = Reach { private: false, public: true };

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::",
        ] {
            assert_eq!(kind(ip(text)), Kind::Public, "{text}");
        }
    }

    #[test]
    fn addresses_of_this_machine_and_of_private_networks_are_private_however_they_are_written() {
        let v4 = [
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
        ];
        for text in v4 {
            assert_eq!(kind(ip(text)), Kind::Private, "{text}");
            let [a, b, c, d] = text.parse::<Ipv4Addr>().expect("an address").octets();
            for carrier in [
                format!("::ffff:{text}"),
                format!("::{text}"),
                format!("::ffff:0:{text}"),
                format!("64:ff9b::{text}"),
                format!("64:ff9b:1::{text}"),
                format!("2a00::5efe:{text}"),
                format!("2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1"),
            ] {
                assert_eq!(kind(ip(&carrier)), Kind::Private, "{carrier}");
            }
        }
        for text in [
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fdff::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "5f00::1",
        ] {
            assert_eq!(kind(ip(text)), Kind::Private, "{text}");
        }
    }

    #[test]
    fn metadata_services_and_addresses_of_nobody_are_never_allowed() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "169.254.170.2",
            "100.100.100.200",
            "fd00:ec2::254",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "ff02::1",
        ] {
            assert_eq!(kind(ip(text)), Kind::Never, "{text}");
            let everything = Reach { private: true, public: true };
            assert_eq!(everything.check(ip(text)), Err(Refused::Never), "{text}");
        }
    }

    #[test]
    fn of_the_addresses_of_a_name_only_the_allowed_ones_are_left() {
        let all: Vec<SocketAddr> =
            ["10.0.0.1:0", "1.1.1.1:0", "[::1]:0"].map(|text| text.parse().expect("an address")).into();
        assert_eq!(INTERNET.filter(all.clone().into_iter()), Ok(vec![all[1]]));
        let unencrypted = Reach { private: true, public: false };
        assert_eq!(unencrypted.filter(all.clone().into_iter()), Ok(vec![all[0], all[2]]));
        assert_eq!(INTERNET.filter(all[..1].iter().copied()), Err(Refused::Private));
        assert_eq!(unencrypted.filter(all[1..2].iter().copied()), Err(Refused::Unencrypted));
    }
}
