//! Every address inside an organization, read and written in one place.

use shared::{ContainerId, GuestId, HostId};

/// A page of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// All hosts.
    Infrastructure,
    /// One host.
    Host(HostId),
    /// All guests.
    Guests,
    /// One guest, beside the list.
    Guest(GuestId),
    /// All containers.
    Containers,
    /// One container, beside the list.
    Container(ContainerId),
    /// Name, description, slug, organizations.
    Overview,
    /// Members and tokens.
    Access,
    /// Shares.
    Sharing,
    /// Plan, limits, usage.
    Billing,
}

impl Page {
    /// The part of the address after `/o/{slug}/`.
    #[must_use]
    pub fn path(self) -> String {
        match self {
            Self::Infrastructure => "hosts".to_owned(),
            Self::Host(id) => format!("hosts/{id}"),
            Self::Guests => "guests".to_owned(),
            Self::Guest(id) => format!("guests/{id}"),
            Self::Containers => "containers".to_owned(),
            Self::Container(id) => format!("containers/{id}"),
            Self::Overview => "overview".to_owned(),
            Self::Access => "access".to_owned(),
            Self::Sharing => "sharing".to_owned(),
            Self::Billing => "billing".to_owned(),
        }
    }

    /// The page's name in navigation and titles.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Infrastructure => "Infrastructure",
            Self::Host(_) => "Host",
            Self::Guests | Self::Guest(_) => "Guests",
            Self::Containers | Self::Container(_) => "Containers",
            Self::Overview => "Overview",
            Self::Access => "Access",
            Self::Sharing => "Sharing",
            Self::Billing => "Billing",
        }
    }

    /// The same page in another organization. A thing is of one organization, so its list takes its place.
    #[must_use]
    pub const fn in_another_org(self) -> Self {
        match self {
            Self::Host(_) => Self::Infrastructure,
            Self::Guest(_) => Self::Guests,
            Self::Container(_) => Self::Containers,
            page => page,
        }
    }

    /// Whether it is one of the organization's own panels, which are narrower than lists of machines.
    #[must_use]
    pub const fn is_panel(self) -> bool {
        matches!(self, Self::Overview | Self::Access | Self::Sharing | Self::Billing)
    }

    /// The entry of the navigation that it belongs to.
    #[must_use]
    pub const fn section(self) -> Self {
        self.in_another_org()
    }
}

/// An address inside an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRoute {
    /// The organization as the address names it: its slug, a former one, or its id.
    pub org: String,
    /// The page; none where the address names no page that exists.
    pub page: Option<Page>,
}

impl OrgRoute {
    /// Reads the path of an address; none where it is not inside an organization.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut segments = path.strip_prefix("/o/")?.split('/').filter(|segment| !segment.is_empty());
        let org = segments.next()?.to_owned();
        let rest: Vec<&str> = segments.collect();
        let page = match rest.as_slice() {
            [] | ["hosts"] => Some(Page::Infrastructure),
            ["hosts", id] => id.parse().ok().map(Page::Host),
            ["guests"] => Some(Page::Guests),
            ["guests", id] => id.parse().ok().map(Page::Guest),
            ["containers"] => Some(Page::Containers),
            ["containers", id] => id.parse().ok().map(Page::Container),
            ["overview"] => Some(Page::Overview),
            ["access"] => Some(Page::Access),
            ["sharing"] => Some(Page::Sharing),
            ["billing"] => Some(Page::Billing),
            _ => None,
        };
        Some(Self { org, page })
    }
}

/// The address of a page.
#[must_use]
pub fn href(slug: &str, page: Page) -> String {
    format!("/o/{slug}/{}", page.path())
}

/// Where to go after signing in: a path of this app, never another site.
#[must_use]
pub fn safe_next(next: Option<&str>) -> String {
    next.filter(|next| next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r', '\t']))
        .unwrap_or("/")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let host = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f".parse().expect("an id");
        let guest = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f".parse().expect("an id");
        let container = "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f".parse().expect("an id");
        for page in [
            Page::Infrastructure,
            Page::Host(host),
            Page::Guests,
            Page::Guest(guest),
            Page::Containers,
            Page::Container(container),
            Page::Overview,
            Page::Access,
            Page::Sharing,
            Page::Billing,
        ] {
            let route = OrgRoute::parse(&href("acme", page)).expect("inside an organization");
            assert_eq!(route, OrgRoute { org: "acme".to_owned(), page: Some(page) });
        }
    }

    #[test]
    fn an_address_that_names_no_page_is_not_taken_for_another_one() {
        for path in ["/o/acme/nothing", "/o/acme/hosts/not-an-id", "/o/acme/hosts/a/b"] {
            assert_eq!(OrgRoute::parse(path).expect("inside an organization").page, None, "{path}");
        }
        for path in ["/", "/o/", "/orgs", "/o"] {
            assert_eq!(OrgRoute::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_link_after_signing_in_never_leads_to_another_site() {
        for next in
            ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)", "/\t/example.com"]
        {
            assert_eq!(safe_next(Some(next)), "/", "{next}");
        }
        assert_eq!(safe_next(Some("/o/acme/hosts?x=1")), "/o/acme/hosts?x=1");
        assert_eq!(safe_next(None), "/");
    }
}
