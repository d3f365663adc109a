//! Members of an organization.

use crate::{
    guard::InOrg,
    input::Body,
    plans::{self, Counted},
    problem::{Answer, Refusal},
};
use actix_web::{HttpResponse, web::Json};
use authz::{Admin, AtLeast, Viewer};
use shared::{
    UserId,
    feature::PlanInfo,
    live::LiveEvent,
    org::{Member, MemberPatch, NewMember},
};
use store::{Actor, MemberError, OverLimit};

/// `GET /api/v1/orgs/{org}/members`
pub async fn list(at: InOrg<Viewer>) -> Answer<Json<Vec<Member>>> {
    Ok(Json(at.read(|store, scope| Ok(store.directory().list_members(scope)?)).await?))
}

/// `POST /api/v1/orgs/{org}/members`
pub async fn add(at: InOrg<Admin>, body: Body<NewMember>) -> Answer {
    let NewMember { email, role } = body.read().await?;
    let plan = plan_of(&at).await?;
    let limit = Counted::Members.limit(&plan);
    let added = at.write(move |store, scope| match store.directory().add_member(scope, &email, role, limit) {
        Err(MemberError::Limit(over)) => Ok(Err(over)),
        added => Ok(Ok(added?)),
    });
    let member = match added.await? {
        Ok(member) => member,
        Err(over) => return Err(over_limit(&at, Counted::Members, over, &plan).await?),
    };
    at.state().hub().publish(at.org(), LiveEvent::OrgChanged);
    Ok(HttpResponse::Created().json(member))
}

/// The organization's plan.
pub(super) async fn plan_of<R: AtLeast<Viewer>>(at: &InOrg<R>) -> Answer<PlanInfo> {
    let key = at.read(|store, scope| Ok(store.directory().plan_key(scope)?)).await?;
    Ok(at.state().plans().plan(&key))
}

/// The refusal of one more where the plan includes no more.
pub(super) async fn over_limit<R: AtLeast<Viewer>>(
    at: &InOrg<R>,
    counted: Counted,
    OverLimit { limit, used }: OverLimit,
    plan: &PlanInfo,
) -> Answer<Refusal> {
    let owners = at.owner_names().await?;
    let state = at.state();
    Ok(plans::limit_reached(counted, (used, limit), plan, state.plans(), state.settings(), owners).org(at.org()))
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
