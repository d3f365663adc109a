//! How many questions, and how many at once.

use super::each;
use crate::{
    harness::{App, Person, path},
    http::{Answer, Client, Credential},
};
use actix_web::rt::System;
use authz::Viewer;
use backend::live::{Busy, MAX_RUNS, MAX_RUNS_PER_ORG};
use shared::{
    ErrorCode, OrgId, Role, UserId,
    assistant::ChatEvent,
    feature::Feature,
    org::{Billing, Org},
};
use std::sync::Mutex;
use store::{Identity, OrgRef, Secret};
use uuid::Uuid;

fn identity(app: &App, person: &Person) -> Identity {
    let Credential::Session(secret) = &person.client.credential else { panic!("a person has a session") };
    let secret = Secret::parse(secret).expect("well formed");
    app.store().directory().identify_session(&secret).expect("readable").expect("it lasts")
}

/// Counts questions without asking anybody.
fn use_up(app: &App, person: &Person, org: &Org, count: usize) {
    let who = identity(app, person);
    let scope = app.store().directory().enter::<Viewer>(&who, &OrgRef::Id(org.id)).expect("a member");
    let data = app.store().org(&scope);
    let id = data.chat().expect("a conversation").id;
    for _ in 0..count {
        data.ask(id, "one more", None).expect("it is asked");
    }
}

#[test]
fn a_plan_includes_so_many_questions_a_month_and_not_one_more_at_once() {
    each(|app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        app.store().operator("test").set_plan("acme", "team").expect("known");
        let people: Vec<_> =
            (0..6).map(|number| app.member(&org, &format!("Member{number}"), Role::Viewer).client).collect();
        use_up(app, &ada, &org, 197);
        let refused: Mutex<Vec<Answer>> = Mutex::default();
        std::thread::scope(|threads| {
            for person in &people {
                let (org, refused) = (org.id, &refused);
                threads.spawn(move || match person.ask_in(org, person.chat(org).id, "[say:here]") {
                    Ok(events) => drop(events.rest().done().clone()),
                    Err(answer) => refused.lock().expect("no panic").push(answer),
                });
            }
        });
        let refused = refused.into_inner().expect("no panic");
        assert_eq!((refused.len(), provider.asked().len()), (3, 3), "three were left of 200");
        let billing: Billing = ada.client.get(&path(org.id, "/billing")).ok();
        let asked = billing.usage.iter().find(|usage| usage.what == "assistant_messages").expect("it is counted");
        assert_eq!((asked.used, asked.limit), (200, Some(200)));
        for answer in refused {
            let problem = answer.refused(ErrorCode::PlanLimitReached);
            assert_eq!(
                (problem.limit, problem.used, problem.feature),
                (Some(200), Some(200), Some(Feature::Assistant))
            );
            assert_eq!(
                (problem.current_plan.as_deref(), problem.required_plan.as_deref()),
                (Some("Team"), Some("Business"))
            );
            assert_eq!((problem.who_can_change, problem.org), (vec!["Ada".to_owned()], Some(org.id)));
            assert!(problem.detail.contains("200 questions"), "{}", problem.detail);
        }
        let chat = people[0].chat(org.id);
        assert_eq!((chat.used, chat.limit), (200, Some(200)));
        let elsewhere = app.org("globex", &ada);
        ada.client.ask(elsewhere.id, "[say:another organization counts for itself]").done();
        people[0].delete(&crate::events::assistant(org.id)).done();
        let again = people[0].ask_in(org.id, people[0].chat(org.id).id, "a new conversation?").err().expect("refused");
        again.refused(ErrorCode::PlanLimitReached);
        app.store().operator("test").set_plan("acme", "business").expect("known");
        people[0].ask(org.id, "[say:a larger plan]").done();
    });
}

#[test]
fn a_person_is_answered_once_at_a_time_and_an_organization_so_often() {
    each(|app, _| {
        let ada = app.person("Ada");
        let (org, other) = (app.org("acme", &ada), app.org("globex", &ada));
        let asked = |client: &Client, org: &Org| {
            let mut events = client.begin(org.id, &format!("[slow:200][say:{}]", "word ".repeat(100)));
            assert!(matches!(events.next(), Some(ChatEvent::Asked { .. })));
            events
        };
        let mut events = vec![asked(&ada.client, &org)];
        let id = ada.client.chat(org.id).id;
        let refused = ada.client.ask_in(org.id, id, "and this?").err().expect("it is refused");
        assert!(refused.refused(ErrorCode::Conflict).detail.contains("still being answered"));
        events.push(asked(&ada.client, &other));
        drop(events.remove(0));
        // Other people of this organization, and the same person in another one, do not wait for each other.
        let people: Vec<_> =
            (0..=MAX_RUNS_PER_ORG).map(|number| app.member(&org, &format!("M{number}"), Role::Viewer).client).collect();
        events.extend(people[..MAX_RUNS_PER_ORG].iter().map(|person| asked(person, &org)));
        let last = &people[MAX_RUNS_PER_ORG];
        let refused = last.ask_in(org.id, last.chat(org.id).id, "hello").err().expect("it is refused");
        assert!(refused.refused(ErrorCode::RateLimited).retry_after_s.is_some());
        let used = last.chat(org.id).used;
        assert_eq!(used, 1 + i64::try_from(MAX_RUNS_PER_ORG).expect("few"), "what is refused does not count");
    });
}

#[test]
fn the_process_answers_so_many_at_once() {
    each(|app, _| {
        let who = identity(app, &app.person("Ada"));
        let id = |number: usize| Uuid::from_u128(number as u128);
        System::new().block_on(async {
            let hub = app.state.hub();
            let mut places = Vec::new();
            for number in 0..MAX_RUNS {
                let org = OrgId::from_uuid(id(number / MAX_RUNS_PER_ORG));
                let begun = hub.begin_run(org, UserId::from_uuid(id(number)), &who).await;
                places.push(begun.expect("there is room"));
            }
            let one_more =
                |org: usize, user: usize| hub.begin_run(OrgId::from_uuid(id(org)), UserId::from_uuid(id(user)), &who);
            assert_eq!(one_more(99, 99).await.err(), Some(Busy::Process));
            assert_eq!(one_more(0, 99).await.err(), Some(Busy::Org));
            assert_eq!(one_more(0, 1).await.err(), Some(Busy::Person));
            drop(places.pop());
            assert!(one_more(99, 99).await.is_ok());
        });
    });
}
