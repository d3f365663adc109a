//! The brake on guessing passwords and set-up codes.
//!
//! Keyed by the address that is tried *and* the peer that tries it: whoever guesses slows down themselves, and nobody
//! can lock a person out of their account from elsewhere. A second brake per peer stops one that tries many addresses.

use crate::{
    problem::{Answer, Refusal},
    settings::Settings,
};
use actix_web::HttpRequest;
use governor::{Quota, RateLimiter, clock::Clock as _, clock::DefaultClock, state::keyed::DefaultKeyedStateStore};
use std::{hash::Hash, net::IpAddr, num::NonZeroU32};

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// Keys that a limiter holds before it forgets those that would be free again.
const MAX_KEYS: usize = 10_000;

/// Tries in a row before the brake; then one each 12 seconds.
pub const TRIES_PER_ADDRESS: u32 = 5;
const TRIES_PER_PEER: u32 = 40;

/// The brake.
pub struct Throttle {
    by_address: Limiter<(String, IpAddr)>,
    by_peer: Limiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        let per_minute = |n: u32, burst: u32| {
            let positive = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            Quota::per_minute(positive(n)).allow_burst(positive(burst))
        };
        Self {
            by_address: RateLimiter::keyed(per_minute(5, TRIES_PER_ADDRESS)),
            by_peer: RateLimiter::keyed(per_minute(TRIES_PER_PEER, TRIES_PER_PEER)),
        }
    }
}

impl Throttle {
    /// Lets one try through.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn check(&self, address: &str, peer: IpAddr) -> Answer<()> {
        let address: String = address.trim().to_lowercase().chars().take(254).collect();
        check(&self.by_peer, &peer)?;
        check(&self.by_address, &(address, peer))
    }
}

fn check<K: Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Answer<()> {
    if limiter.len() > MAX_KEYS {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        Refusal::rate_limited(format!("Too many tries from here. Wait {wait} seconds, then try again."), wait)
    })
}

/// Who tries. Behind a proxy that is the last address that the proxy itself noted; IPv6 counts by network, since a
/// household has a whole one.
#[must_use]
pub fn peer(request: &HttpRequest, settings: &Settings) -> IpAddr {
    let forwarded = settings.behind_proxy().then(|| {
        let header = request.headers().get_all("x-forwarded-for").last()?.to_str().ok()?;
        header.rsplit(',').next()?.trim().parse().ok()
    });
    let direct = || request.peer_addr().map(|peer| peer.ip());
    match forwarded.flatten().or_else(direct).unwrap_or(IpAddr::from([0, 0, 0, 0])) {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        other => other.to_canonical(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_is_slowed_down_and_the_owner_of_the_address_is_not() {
        let throttle = Throttle::default();
        let (here, elsewhere) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..TRIES_PER_ADDRESS {
            throttle.check("ada@example.org", here).expect("the first tries are free");
        }
        let refusal = throttle.check(" Ada@Example.org", here).expect_err("the next is not");
        assert!(refusal.problem().retry_after_s.is_some_and(|seconds| (1..=13).contains(&seconds)));
        throttle.check("ada@example.org", elsewhere).expect("from elsewhere it is free");
        throttle.check("bob@example.org", here).expect("another address is free");
    }
}
