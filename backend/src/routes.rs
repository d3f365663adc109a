//! The URL map: every path of the server, what it takes to use it, and who answers.
//!
//! It reads top to bottom, and there is no other place where a path gets its handler. The third column is checked by
//! a test against the handlers' guards and against the policy in `authz`.

use crate::{
    assistant::WorkersProvider,
    handlers::{
        account, assistant, billing, containers, guests, health, hosts, ingest, license, live, members, metadata, orgs,
        sessions, setup, shares, tokens,
    },
    openapi,
    problem::{Answer, Refusal},
    state::State,
    web_app::{self, WebApp},
};
use actix_web::{
    http::{
        Method,
        header::{ALLOW, HeaderValue},
    },
    web::{self, Data, ServiceConfig},
};
use authz::{
    Action::{self, Create, Delete, Read, Update},
    Thing::{self, Assistant, Billing, Container, Guest, Host, Member, Org, OwnMembership, Share, Token},
};
use shared::{ErrorCode, endpoints};

/// What it takes to use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Anyone,
    /// A person's session.
    SignedIn,
    /// A person's session or an API token.
    Caller,
    /// An agent's token.
    Agent,
    /// The role in the path's organization that `authz::required_role` names.
    InOrg(Action, Thing),
}

/// One line of the map.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// What it takes.
    pub access: Access,
}

macro_rules! url_map {
    ($($path:expr => { $($method:ident $access:expr => $handler:expr;)+ })+) => {
        /// All routes.
        pub const ROUTES: &[Route] = &[$($(Route { method: stringify!($method), path: $path, access: $access },)+)+];

        fn api(config: &mut ServiceConfig) {
            // What is below an organization shares one prefix, so that a path is compared with patterns once and not
            // with those of all routes.
            let mut in_org = web::scope(IN_ORG);
            $({
                let resource = |path| {
                    web::resource::<&str>(path)
                        $(.route(web::method(Method::$method).to($handler)))+
                        .default_service(web::to(|| not_allowed(&[$(stringify!($method)),+])))
                };
                match $path.strip_prefix(IN_ORG) {
                    Some(rest) => in_org = in_org.service(resource(rest)),
                    None => {
                        config.service(resource($path));
                    }
                }
            })+
            config.service(in_org.default_service(web::to(nothing_there)));
        }
    };
}

/// Where everything of an organization is.
const IN_ORG: &str = "/api/v1/orgs/{org}";

use Access::{Agent, Anyone, Caller, InOrg, SignedIn};

url_map! {
    // The first run, and signing in.
    endpoints::SETUP => {
        GET    Anyone                        => setup::state_of_setup;
        POST   Anyone                        => setup::complete;
    }
    endpoints::SESSIONS => {
        GET    SignedIn                      => sessions::list;
        POST   Anyone                        => sessions::sign_in;
    }
    endpoints::CURRENT_SESSION => {
        DELETE SignedIn                      => sessions::sign_out;
    }
    "/api/v1/sessions/{session}" => {
        DELETE SignedIn                      => sessions::revoke;
    }
    endpoints::ME => {
        GET    SignedIn                      => account::me;
    }

    // Organizations.
    endpoints::ORGS => {
        GET    Caller                        => orgs::list;
        POST   SignedIn                      => orgs::create;
    }
    "/api/v1/orgs/{org}" => {
        GET    InOrg(Read, Org)              => orgs::get;
        PATCH  InOrg(Update, Org)            => orgs::patch;
        DELETE InOrg(Delete, Org)            => orgs::delete;
    }
    "/api/v1/orgs/{org}/bootstrap" => {
        GET    InOrg(Read, Org)              => orgs::bootstrap;
    }
    "/api/v1/orgs/{org}/summary" => {
        GET    InOrg(Read, Host)             => orgs::summary;
    }
    "/api/v1/orgs/{org}/live" => {
        GET    InOrg(Read, Host)             => live::open;
    }
    "/api/v1/orgs/{org}/hosts" => {
        GET    InOrg(Read, Host)             => hosts::list;
    }
    "/api/v1/orgs/{org}/hosts/{host}" => {
        GET    InOrg(Read, Host)             => hosts::get;
        DELETE InOrg(Delete, Host)           => hosts::delete;
    }
    "/api/v1/orgs/{org}/hosts/{host}/metrics" => {
        GET    InOrg(Read, Host)             => hosts::metrics;
    }
    "/api/v1/orgs/{org}/hosts/{host}/metadata" => {
        GET    InOrg(Read, Host)             => metadata::get_host;
        PUT    InOrg(Update, Host)           => metadata::put_host;
    }
    "/api/v1/orgs/{org}/containers" => {
        GET    InOrg(Read, Container)        => containers::list;
    }
    "/api/v1/orgs/{org}/containers/{container}" => {
        GET    InOrg(Read, Container)        => containers::get;
    }
    "/api/v1/orgs/{org}/containers/{container}/metadata" => {
        GET    InOrg(Read, Container)        => metadata::get_container;
        PUT    InOrg(Update, Container)      => metadata::put_container;
    }
    "/api/v1/orgs/{org}/guests" => {
        GET    InOrg(Read, Guest)            => guests::list;
    }
    "/api/v1/orgs/{org}/guests/{guest}" => {
        GET    InOrg(Read, Guest)            => guests::get;
    }
    "/api/v1/orgs/{org}/guests/{guest}/metadata" => {
        GET    InOrg(Read, Guest)            => metadata::get_guest;
        PUT    InOrg(Update, Guest)          => metadata::put_guest;
    }
    "/api/v1/orgs/{org}/metadata" => {
        GET    InOrg(Read, Host)             => metadata::list;
    }
    "/api/v1/orgs/{org}/members" => {
        GET    InOrg(Read, Member)           => members::list;
        POST   InOrg(Create, Member)         => members::add;
    }
    "/api/v1/orgs/{org}/members/{user}" => {
        PATCH  InOrg(Update, Member)         => members::set_role;
        DELETE InOrg(Delete, OwnMembership)  => members::remove; // another's takes Delete of Member: the handler raises
    }
    "/api/v1/orgs/{org}/tokens" => {
        GET    InOrg(Read, Token)            => tokens::list;
        POST   InOrg(Create, Token)          => tokens::create;
    }
    "/api/v1/orgs/{org}/tokens/{token}" => {
        DELETE InOrg(Delete, Token)          => tokens::revoke;
    }
    "/api/v1/orgs/{org}/shares" => {
        GET    InOrg(Read, Share)            => shares::list;
    }
    "/api/v1/orgs/{org}/billing" => {
        GET    InOrg(Read, Billing)          => billing::get;
    }
    "/api/v1/orgs/{org}/billing/checkout" => {
        POST   InOrg(Create, Billing)        => billing::checkout;
    }

    "/api/v1/orgs/{org}/assistant" => {
        GET    InOrg(Read, Assistant)        => assistant::get;
        PATCH  InOrg(Update, Assistant)      => assistant::patch;
        DELETE InOrg(Delete, Assistant)      => assistant::delete;
    }
    "/api/v1/orgs/{org}/assistant/messages" => {
        POST   InOrg(Create, Assistant)      => assistant::ask;
    }

    // Agents.
    endpoints::INGEST_REPORTS => {
        POST   Agent                         => ingest::reports;
    }

    // What this installation is and can do.
    endpoints::LICENSE_FEATURES => {
        GET    Caller                        => license::features;
    }
    endpoints::OPENAPI => {
        GET    Anyone                        => openapi::document;
    }
    "/healthz" => {
        GET    Anyone                        => health::healthz;
    }
    "/readyz" => {
        GET    Anyone                        => health::readyz;
    }
}

/// Everything that the server answers. The one builder of main and of the tests.
pub fn configure(config: &mut ServiceConfig, state: Data<State>, web_app: Data<WebApp>) {
    config.app_data(WorkersProvider::new(state.settings())).app_data(state).app_data(web_app);
    api(config);
    config.service(web::resource("/api{rest:.*}").to(nothing_there));
    config.default_service(web::to(web_app::serve));
}

/// What the metrics address answers. Beside the console's address, so that nobody reaches it by accident.
pub fn configure_metrics(config: &mut ServiceConfig, state: Data<State>) {
    config.app_data(state).route("/metrics", web::get().to(health::metrics));
}

async fn nothing_there() -> Answer {
    Err(Refusal::not_found())
}

async fn not_allowed(methods: &'static [&'static str]) -> Answer {
    let allow = HeaderValue::from_str(&methods.join(", ")).expect("methods are ASCII words");
    Err(Refusal::new(ErrorCode::MethodNotAllowed)
        .detail(format!("This path knows {}.", methods.join(", ")))
        .header(ALLOW, allow))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{ContainerId, GuestId, HostId, OrgId, SessionId, TokenId, UserId, metadata::Subject};
    use uuid::Uuid;

    /// Clients build paths with `shared::endpoints`; each has to be a line of the map.
    #[test]
    fn the_paths_of_clients_are_the_paths_of_the_map() {
        let uuid = Uuid::nil();
        let org = OrgId::from_uuid(uuid);
        let paths = [
            endpoints::session(SessionId::from_uuid(uuid)),
            endpoints::bootstrap(&uuid.to_string()),
            endpoints::org(org),
            endpoints::summary(org),
            endpoints::live(org),
            endpoints::hosts(org),
            endpoints::host(org, HostId::from_uuid(uuid)),
            endpoints::host_metrics(org, HostId::from_uuid(uuid)),
            endpoints::metadata_of(org, Subject::Host(HostId::from_uuid(uuid))),
            endpoints::containers(org),
            endpoints::container(org, ContainerId::from_uuid(uuid)),
            endpoints::metadata_of(org, Subject::Container(ContainerId::from_uuid(uuid))),
            endpoints::guests(org),
            endpoints::guest(org, GuestId::from_uuid(uuid)),
            endpoints::metadata_of(org, Subject::Guest(GuestId::from_uuid(uuid))),
            endpoints::metadata(org),
            endpoints::members(org),
            endpoints::member(org, UserId::from_uuid(uuid)),
            endpoints::tokens(org),
            endpoints::token(org, TokenId::from_uuid(uuid)),
            endpoints::shares(org),
            endpoints::billing(org),
            endpoints::checkout(org),
            endpoints::assistant(org),
            endpoints::assistant_messages(org),
        ];
        let fits = |pattern: &str, path: &str| {
            let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
            pattern.len() == path.len() && pattern.iter().zip(path).all(|(a, b)| *a == b || a.starts_with('{'))
        };
        for path in &paths {
            assert!(ROUTES.iter().any(|route| fits(route.path, path)), "{path} is not in the map");
        }
        let with_parameters: std::collections::BTreeSet<_> =
            ROUTES.iter().filter(|route| route.path.contains('{')).map(|route| route.path).collect();
        for pattern in &with_parameters {
            assert!(paths.iter().any(|path| fits(pattern, path)), "{pattern} is unknown to clients");
        }
    }
}
