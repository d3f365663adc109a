//! The conversation with the assistant: messages, its id, what is attached, and an answer on its way.

use crate::{
    IDENTITY_ALONE, OWNERSHIP_ALONE,
    support::{A, B, Browser, Stream, World, bootstrap, run},
};
use org_client::{ActiveOrg, Walls};
use shared::{
    ChatId, ErrorCode, OrgId, Problem,
    assistant::{Chat, ChatEvent, ChatMessage, Outcome, Speaker},
};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

fn active(world: &World) -> ActiveOrg {
    world.switcher.active_untracked().expect("entered")
}

fn chat(number: u128, text: &str) -> Chat {
    let messages = vec![message(1, Speaker::Person, text)];
    let id = ChatId::from_uuid(Uuid::from_u128(number));
    Chat { id, messages, draft: format!("draft {text}"), context: Vec::new(), used: 1, limit: None }
}

fn message(seq: i64, speaker: Speaker, text: &str) -> ChatMessage {
    ChatMessage { seq, speaker, text: text.to_owned(), lookups: Vec::new(), outcome: Outcome::Complete, at: 0 }
}

/// Opens the drawer, and answers what it loads.
async fn open(world: &World, org: OrgId, chat: &Chat) {
    let active = active(world);
    let _filling = active.owner.with(|| active.assistant.fill(&active.session));
    world.settle().await;
    world.take("/assistant").answer(Some(org), 200, serde_json::to_string(chat).expect("serializes"));
    world.settle().await;
}

/// Everything of the conversation that a page would show.
fn shown(world: &World) -> Vec<String> {
    let ActiveOrg { session, caches, .. } = active(world);
    let mut shown = caches.chat.with_untracked(&session, |chat| {
        let Some(chat) = chat else { return Vec::new() };
        let mut texts = vec![chat.id.to_string(), chat.draft.clone()];
        texts.extend(chat.messages.iter().map(|message| message.text.clone()));
        texts
    });
    shown.extend(caches.answering.with_untracked(&session, |answering| {
        answering.and_then(|answering| answering.as_ref()).map(|answering| answering.text.clone())
    }));
    shown
}

fn last_stream(world: &World) -> Stream {
    world.script.streams.lock().expect("not poisoned").last().expect("a stream").clone()
}

fn text(text: &str) -> ChatEvent {
    ChatEvent::Text { text: text.to_owned() }
}

#[test]
fn an_answer_comes_word_by_word_and_is_kept_when_it_is_whole() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        open(&world, A, &chat(1, "first")).await;
        let ActiveOrg { session, assistant, .. } = active(&world);
        assistant.set_draft(&session, "second".to_owned());
        assistant
            .ask(&session, Browser(Arc::clone(&world.script)), "second".to_owned(), |problem| panic!("{problem:?}"));
        world.settle().await;
        let stream = last_stream(&world);
        assert!(stream.request.body.as_deref().is_some_and(|body| body.contains("second")));
        let id = ChatId::from_uuid(Uuid::from_u128(1)).to_string();
        assert_eq!(shown(&world), [&id, "", "first", "second", ""]);
        stream.head(A, 200, "");
        stream.event(&ChatEvent::Asked { message: message(2, Speaker::Person, "second") });
        stream.event(&text("one "));
        stream.event(&text("two"));
        world.settle().await;
        assert_eq!(shown(&world), [&id, "", "first", "second", "one two"]);
        stream.event(&ChatEvent::Done { message: message(3, Speaker::Assistant, "one two three"), used: 2 });
        stream.close();
        world.settle().await;
        assert_eq!(shown(&world), [&id, "", "first", "second", "one two three"]);
    });
}

#[test]
fn a_switch_in_the_middle_of_an_answer_ends_it_and_shows_nothing_of_it_by_either_wall_alone() {
    run(async {
        for walls in [Walls::BOTH, OWNERSHIP_ALONE, IDENTITY_ALONE] {
            let world = World::new(walls);
            world.enter("a", &bootstrap(A, "a", vec![])).await;
            open(&world, A, &chat(1, "canary-a")).await;
            let ActiveOrg { session, assistant, .. } = active(&world);
            assistant.ask(&session, Browser(Arc::clone(&world.script)), "question-a".to_owned(), |problem| {
                panic!("{problem:?}")
            });
            world.settle().await;
            let stream = last_stream(&world);
            stream.head(A, 200, "");
            stream.event(&text("partial-a"));
            world.settle().await;
            world.enter("b", &bootstrap(B, "b", vec![])).await;
            assert_eq!(shown(&world), Vec::<String>::new(), "{walls:?}");
            stream.event(&text("late-a"));
            stream.event(&ChatEvent::Done { message: message(3, Speaker::Assistant, "late-a"), used: 2 });
            world.settle().await;
            assert_eq!(shown(&world), Vec::<String>::new(), "{walls:?}");
            assert!(stream.is_aborted(), "the server would go on writing, {walls:?}");
            open(&world, B, &chat(2, "canary-b")).await;
            assert!(shown(&world).iter().all(|text| !text.ends_with("-a")), "{walls:?}");
            world.enter("a", &bootstrap(A, "a", vec![])).await;
            assert_eq!(shown(&world), Vec::<String>::new(), "a return finds what the server kept, once it is asked");
        }
    });
}

#[test]
fn a_stopped_answer_stays_as_far_as_it_came() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        open(&world, A, &chat(1, "first")).await;
        let ActiveOrg { session, assistant, .. } = active(&world);
        for (question, answer) in [("second", "half"), ("third", "whole")] {
            assistant.ask(&session, Browser(Arc::clone(&world.script)), question.to_owned(), |problem| {
                panic!("{problem:?}")
            });
            world.settle().await;
            let stream = last_stream(&world);
            stream.head(A, 200, "");
            stream.event(&ChatEvent::Asked { message: message(2, Speaker::Person, question) });
            stream.event(&text(answer));
            world.settle().await;
            if question == "second" {
                assistant.stop(&session);
                world.settle().await;
                assert!(stream.is_aborted());
            } else {
                stream.event(&ChatEvent::Done { message: message(4, Speaker::Assistant, answer), used: 2 });
                stream.close();
                world.settle().await;
            }
        }
        assert_eq!(shown(&world)[2..], ["first", "second", "half", "third", "whole"]);
    });
}

#[test]
fn a_question_that_was_refused_stands_in_the_field_again_with_the_reason() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        open(&world, A, &chat(1, "first")).await;
        let ActiveOrg { session, assistant, .. } = active(&world);
        let told = Arc::new(Mutex::new(None));
        let telling = Arc::clone(&told);
        assistant.set_draft(&session, "second".to_owned());
        assistant.ask(&session, Browser(Arc::clone(&world.script)), "second".to_owned(), move |problem| {
            *telling.lock().expect("not poisoned") = Some(problem.code);
        });
        world.settle().await;
        let refusal = Problem::new(ErrorCode::PlanLimitReached, "No questions left");
        last_stream(&world).head(A, 402, &serde_json::to_string(&refusal).expect("serializes"));
        last_stream(&world).close();
        world.settle().await;
        assert_eq!(*told.lock().expect("not poisoned"), Some(ErrorCode::PlanLimitReached));
        assert_eq!(shown(&world)[1..], ["second", "first"]);
    });
}

#[test]
fn an_answer_that_names_another_organization_is_dropped_and_counted() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        open(&world, A, &chat(1, "first")).await;
        let ActiveOrg { session, assistant, .. } = active(&world);
        assistant.set_draft(&session, "second".to_owned());
        assistant.ask(&session, Browser(Arc::clone(&world.script)), "second".to_owned(), |_| {});
        world.settle().await;
        last_stream(&world).head(B, 200, "");
        last_stream(&world).event(&text("canary-b"));
        world.settle().await;
        assert!(shown(&world).iter().all(|text| text != "canary-b"));
        assert_eq!(world.switcher.violations(), 1);
    });
}

#[test]
fn what_is_typed_while_the_draft_is_on_its_way_goes_next_and_not_beside_it() {
    run(async {
        let world = World::new(Walls::BOTH);
        world.enter("a", &bootstrap(A, "a", vec![])).await;
        open(&world, A, &chat(1, "first")).await;
        let ActiveOrg { session, assistant, .. } = active(&world);
        let sent = |world: &World| {
            let pending = world.script.pending.lock().expect("not poisoned");
            pending.iter().filter(|waiting| waiting.request.path.ends_with("/assistant")).count()
        };
        for typed in ["h", "ha", "half"] {
            assistant.set_draft(&session, typed.to_owned());
            assistant.keep(&session);
            world.settle().await;
            assert_eq!(sent(&world), 1, "two that are on their way at once may come in any order");
        }
        let answer = serde_json::to_string(&chat(1, "first")).expect("serializes");
        world.take("/assistant").answer(Some(A), 200, &answer);
        world.settle().await;
        let last = world.take("/assistant");
        assert!(last.request.body.as_deref().is_some_and(|body| body.contains("half")));
        last.answer(Some(A), 200, &answer);
        world.settle().await;
        assert_eq!(sent(&world), 0);
    });
}
