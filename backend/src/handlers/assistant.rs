//! The caller's conversation with the assistant.

use super::members::{over_limit, plan_of};
use crate::{
    assistant::{Behalf, Question, WorkersProvider, answer, instruct},
    credential::wrong_kind,
    guard::InOrg,
    input::Body,
    live::Busy,
    plans::Counted,
    problem::{Answer, Refusal},
    state::State,
};
use ::assistant::Provider;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json},
};
use authz::Viewer;
use shared::{
    ErrorCode, UserId,
    assistant::{Chat, ChatPatch, NewQuestion},
    feature::Feature,
    token::TokenKind,
};
use store::ChatError;

/// `GET /api/v1/orgs/{org}/assistant`
pub async fn get(at: InOrg<Viewer>, request: HttpRequest) -> Answer<Json<Chat>> {
    check(&at, &request)?;
    // The first reading begins the conversation.
    let chat = at.write(|store, scope| Ok(store.org(scope).chat()?)).await?;
    with_limit(&at, chat).await
}

/// `PATCH /api/v1/orgs/{org}/assistant`
pub async fn patch(at: InOrg<Viewer>, request: HttpRequest, body: Body<ChatPatch>) -> Answer<Json<Chat>> {
    check(&at, &request)?;
    let patch = body.read().await?;
    let chat = at.write(move |store, scope| Ok(store.org(scope).patch_chat(patch)?)).await?;
    with_limit(&at, chat).await
}

/// `DELETE /api/v1/orgs/{org}/assistant`
pub async fn delete(at: InOrg<Viewer>, request: HttpRequest) -> Answer {
    check(&at, &request)?;
    at.write(|store, scope| Ok(store.org(scope).delete_chat()?)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/orgs/{org}/assistant/messages`
pub async fn ask(at: InOrg<Viewer>, state: Data<State>, request: HttpRequest, body: Body<NewQuestion>) -> Answer {
    let (user, provider) = check(&at, &request)?;
    let NewQuestion { chat, text } = body.read().await?;
    let plan = plan_of(&at).await?;
    let limit = Counted::AssistantMessages.limit(&plan);
    let place = state.hub().begin_run(at.org(), user, at.identity()).await;
    let place = place.map_err(|busy| refusal(busy).org(at.org()))?;
    let asked = at.write(move |store, scope| match store.org(scope).ask(chat, &text, limit) {
        Err(ChatError::Limit(over)) => Ok(Err(over)),
        asked => Ok(Ok((asked?, instruct(store, scope, store.org(scope).chat()?)?))),
    });
    let (asked, conversation) = match asked.await? {
        Ok(asked) => asked,
        Err(over) => return Err(over_limit(&at, Counted::AssistantMessages, over, &plan).await?),
    };
    let behalf = Behalf::new(state, at.identity().clone(), at.org());
    Ok(answer(Question { behalf, chat, asked, conversation, provider, place }))
}

/// The person, and whom the assistant asks.
fn check(at: &InOrg<Viewer>, request: &HttpRequest) -> Answer<(UserId, Provider)> {
    // A conversation is a person's, and a token is none.
    let account = at.identity().account().ok_or_else(|| wrong_kind(TokenKind::Api).org(at.org()))?;
    let provider = request.app_data::<WorkersProvider>().expect("the app is built with it by `routes::configure`");
    let provider = provider.get().map_err(|refusal| refusal.org(at.org()))?.ok_or_else(|| {
        let detail = "The assistant is not set up on this installation. Whoever runs it can set BULKHEAD_ASSISTANT_URL and \
                      BULKHEAD_ASSISTANT_MODEL.";
        Refusal::not_enabled(Feature::Assistant, "BULKHEAD_ASSISTANT_URL", detail).org(at.org())
    })?;
    Ok((account.id, provider))
}

async fn with_limit(at: &InOrg<Viewer>, chat: Chat) -> Answer<Json<Chat>> {
    let limit = Counted::AssistantMessages.limit(&plan_of(at).await?);
    Ok(Json(Chat { limit, ..chat }))
}

fn refusal(busy: Busy) -> Refusal {
    match busy {
        Busy::Person => Refusal::new(ErrorCode::Conflict).detail(
            "Your question before this one is still being answered. Wait for its end, or stop it; then ask again.",
        ),
        Busy::Org => Refusal::rate_limited(
            "Many questions of this organization are being answered at the moment. Ask again in a few seconds.",
            5,
        ),
        Busy::Process => {
            Refusal::rate_limited("Many questions are being answered at the moment. Ask again in a few seconds.", 5)
        }
        Busy::Closed => Refusal::unavailable("the server is ending"),
    }
}
