//! Members of an organization.

use crate::{
    guard::InOrg,
    input::Body,
    plans::{self, Counted},
    problem::{Answer, Refusal},
};
use actix_web::{HttpResponse, web::Json};
use authz::{Admin, Viewer};
use shared::{
    UserId,
    live::LiveEvent,
    org::{Member, MemberPatch, NewMember},
};
use store::Actor;

/// `GET /api/v1/orgs/{org}/members`
pub async fn list(at: InOrg<Viewer>) -> Answer<Json<Vec<Member>>> {
    Ok(Json(at.read(|store, scope| Ok(store.directory().list_members(scope)?)).await?))
}

/// `POST /api/v1/orgs/{org}/members`
pub async fn add(at: InOrg<Admin>, body: Body<NewMember>) -> Answer {
    let NewMember { email, role } = body.read().await?;
    refuse_over_limit(&at, Counted::Members).await?;
    let member = at.write(move |store, scope| Ok(store.directory().add_member(scope, &email, role)?)).await?;
    at.state().hub().publish(at.org(), LiveEvent::OrgChanged);
    Ok(HttpResponse::Created().json(member))
}

/// Refuses one more where the plan includes no more.
pub(super) async fn refuse_over_limit(at: &InOrg<Admin>, counted: Counted) -> Answer<()> {
    let (plan_key, counts) =
        at.read(|store, scope| Ok((store.directory().plan_key(scope)?, store.directory().counts(scope)?))).await?;
    let (catalogue, settings) = (at.state().plans(), at.state().settings());
    let plan = catalogue.plan(&plan_key);
    let used = if counted == Counted::Members { counts.members } else { counts.tokens };
    match counted.limit(&plan) {
        Some(limit) if used >= limit => {
            let owners = at.owner_names().await?;
            Err(plans::limit_reached(counted, (used, limit), &plan, catalogue, settings, owners).org(at.org()))
        }
        _ => Ok(()),
    }
}

/// `PATCH /api/v1/orgs/{org}/members/{user}`
pub async fn set_role(at: InOrg<Admin>, body: Body<MemberPatch>) -> Answer<Json<Member>> {
    let user: UserId = at.id("user")?;
    let MemberPatch { role } = body.read().await?;
    let member = at.write(move |store, scope| Ok(store.directory().set_role(scope, user, role)?)).await?;
    at.state().hub().publish(at.org(), LiveEvent::OrgChanged);
    Ok(Json(member))
}

/// `DELETE /api/v1/orgs/{org}/members/{user}`: one's own membership is anybody's to give up, another's takes an admin.
pub async fn remove(at: InOrg<Viewer>) -> Answer {
    let user = at.id::<UserId>("user");
    let own = matches!((at.scope().actor(), &user), (Actor::User { user: own, .. }, Ok(user)) if own == user);
    if own {
        at.write(|store, scope| Ok(store.directory().leave(scope)?)).await?;
    } else {
        let admin = match at.scope().raise::<Admin>() {
            Ok(admin) => admin,
            Err(low) => {
                let who = at.owner_names().await?;
                return Err(Refusal::role_required(low.required, low.actual, who).org(at.org()));
            }
        };
        let user = user?;
        at.write(move |store, _| Ok(store.directory().remove_member(&admin, user)?)).await?;
    }
    at.state().hub().publish(at.org(), LiveEvent::OrgChanged);
    Ok(HttpResponse::NoContent().finish())
}
