//! Conversations with the assistant: of one person in one organization.

use crate::support::{
    TwoWorlds, answer, ask, batch_of, chat, host_id, identify, ingest, new_token, now, report, scope, talk_in_both,
    texts, user_id, worlds,
};
use authz::{Admin, Owner, Viewer};
use shared::{
    ContainerId, HostId, Role,
    assistant::{ChatPatch, Lookup, MAX_CONTEXT, MAX_MESSAGES, MAX_QUESTION, NamedSubject, Outcome, Speaker},
    metadata::Subject,
    token::TokenKind,
};
use store::{ChatError, NewAnswer, OverLimit, StoreError};

fn draft(text: &str) -> ChatPatch {
    ChatPatch { draft: Some(text.to_owned()), context: None }
}

fn about(subjects: &[Subject]) -> ChatPatch {
    ChatPatch { draft: None, context: Some(subjects.to_vec()) }
}

#[test]
fn a_conversation_is_kept_as_it_was_said() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let begun = chat(&world.store, &two.a_viewer, two.a);
        assert_eq!((begun.messages.len(), begun.draft.as_str(), begun.used), (0, "", 0));
        assert_eq!(chat(&world.store, &two.a_viewer, two.a).id, begun.id, "reading begins it once");
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        data.patch_chat(draft("is web ")).expect("it is typed");
        let asked = data.ask(begun.id, " is web-1\r\nwell? \n", None).expect("it is asked");
        assert_eq!((asked.message.text.as_str(), asked.message.seq, asked.used), ("is web-1\nwell?", 1, 1));
        let lookup = Lookup {
            title: "Listed hosts".to_owned(),
            records: 1,
            subjects: vec![NamedSubject { subject: Subject::Host(host_id()), name: "web-1".to_owned() }],
        };
        let said = NewAnswer { text: "It".to_owned(), lookups: vec![lookup], outcome: Outcome::Stopped };
        let answered = data.answer(begun.id, said.clone()).expect("it is answered");
        assert_eq!((answered.message.speaker, answered.used), (Speaker::Assistant, 1), "an answer does not count");
        let kept = data.chat().expect("a conversation");
        assert_eq!(kept.messages, [asked.message, answered.message]);
        assert_eq!((&kept.messages[1].lookups, kept.messages[1].outcome), (&said.lookups, Outcome::Stopped));
        assert_eq!((kept.draft.as_str(), kept.used), ("", 1), "what was typed was sent");
        assert!(kept.messages.iter().all(|message| (now() - message.at).abs() < 60_000_000));
    }
}

#[test]
fn nobody_else_reads_or_changes_a_conversation_whatever_their_role() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        ask(&world.store, &two.a_viewer, two.a, "secret of the viewer", None).expect("it is asked");
        let before = chat(&world.store, &two.a_viewer, two.a);
        for other in [&two.a_owner, &two.a_admin, &two.a_editor, &two.ab] {
            let scope = scope::<Viewer>(&world.store, other, two.a);
            let data = world.store.org(&scope);
            assert_eq!(data.chat().expect("one's own").messages, []);
            // The id of another's conversation is no key to it.
            assert!(matches!(data.ask(before.id, "mine now", None), Err(ChatError::AnotherChat)));
            assert!(matches!(data.answer(before.id, answer("mine now")), Err(ChatError::AnotherChat)));
            data.patch_chat(draft("mine")).expect("one's own");
            data.delete_chat().expect("one's own");
        }
        assert_eq!(chat(&world.store, &two.a_viewer, two.a), before);
    }
}

#[test]
fn a_person_of_two_organizations_has_two_conversations() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        talk_in_both(&world.store, &two);
        let (a, b) = (chat(&world.store, &two.ab, two.a), chat(&world.store, &two.ab, two.b));
        assert_eq!((texts(&a), texts(&b)), (vec!["of A", "of A"], vec!["of B", "of B"]));
        assert_ne!(a.id, b.id);
        let scope = scope::<Viewer>(&world.store, &two.ab, two.b);
        let data = world.store.org(&scope);
        assert!(matches!(data.ask(a.id, "in the other", None), Err(ChatError::AnotherChat)));
        assert!(matches!(data.answer(a.id, answer("in the other")), Err(ChatError::AnotherChat)));
        data.delete_chat().expect("it is removed");
        assert_eq!(chat(&world.store, &two.ab, two.a), a);
    }
}

#[test]
fn a_conversation_that_was_begun_anew_takes_nothing_of_the_one_before() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        ask(&world.store, &two.a_viewer, two.a, "before", None).expect("it is asked");
        let before = chat(&world.store, &two.a_viewer, two.a).id;
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        data.delete_chat().expect("it is removed");
        for late in [data.answer(before, answer("late")), data.ask(before, "late", None)] {
            assert!(matches!(late, Err(ChatError::AnotherChat)), "{late:?}");
        }
        let anew = data.chat().expect("a new one");
        assert!(anew.id != before && anew.messages.is_empty());
        assert!(matches!(data.answer(before, answer("later")), Err(ChatError::AnotherChat)));
        assert_eq!(data.chat().expect("the same"), anew);
        assert_eq!(anew.used, 1, "what was asked counts when it is gone");
        data.delete_chat().expect("it is removed");
        data.delete_chat().expect("nothing is left to remove");
    }
}

#[test]
fn of_questions_that_are_asked_at_once_no_more_count_than_are_included() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let people = [&two.a_owner, &two.a_admin, &two.a_editor, &two.a_viewer, &two.ab];
        ask(&world.store, &two.b_owner, two.b, "of another organization", Some(1)).expect("the first of B");
        let refused = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|threads| {
            for who in people {
                let (store, refused) = (&world.store, &refused);
                threads.spawn(move || {
                    for _ in 0..2 {
                        match ask(store, who, two.a, "how are you?", Some(4)) {
                            Ok(_) => {}
                            Err(ChatError::Limit(over)) => refused.lock().expect("no panic").push(over),
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                });
            }
        });
        assert_eq!(refused.into_inner().expect("no panic"), [OverLimit { limit: 4, used: 4 }; 6]);
        let kept: usize = people.map(|who| chat(&world.store, who, two.a).messages.len()).iter().sum();
        assert_eq!(
            (kept, chat(&world.store, &two.a_owner, two.a).used),
            (4, 4),
            "a question that is refused is not kept"
        );
        assert_eq!(chat(&world.store, &two.b_owner, two.b).used, 1);
        let more = ask(&world.store, &two.a_owner, two.a, "with a larger plan", Some(5)).expect("there is room");
        assert_eq!(more.used, 5);
        let none = ask(&world.store, &two.b_owner, two.b, "of a plan without", Some(0));
        assert!(matches!(none, Err(ChatError::Limit(OverLimit { limit: 0, used: 1 }))), "{none:?}");
    }
}

#[test]
fn a_token_has_no_conversation() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let admin = scope::<Admin>(&world.store, &two.a_owner, two.a);
        let new = new_token(TokenKind::Api, Role::Owner);
        let made = world.store.directory().create_token(&admin, new, None).expect("a token");
        let token = identify(&world.store, &made.secret).expect("it works");
        let scope = scope::<Viewer>(&world.store, &token, two.a);
        let data = world.store.org(&scope);
        let id = chat(&world.store, &two.a_owner, two.a).id;
        let answers = [
            data.chat().map(drop),
            data.patch_chat(draft("x")).map(drop),
            data.delete_chat(),
            data.ask(id, "x", None).map(drop),
            data.answer(id, answer("x")).map(drop),
        ];
        for answer in answers {
            assert!(matches!(answer, Err(ChatError::TokenKind)), "{answer:?}");
        }
    }
}

#[test]
fn only_things_of_this_organization_can_be_attached() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let only_b = HostId::from_uuid(uuid::Uuid::from_u128(0xb));
        ingest(&world.store, &two.agent_b, batch_of(only_b, vec![report(now(), 5.0)])).expect("it is kept");
        let missing = HostId::from_uuid(uuid::Uuid::from_u128(404));
        let own = Subject::Host(host_id());
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        assert_eq!(data.patch_chat(about(&[own, own])).expect("it is there").context, [own]);
        let unknown = [
            Subject::Host(only_b),
            Subject::Host(missing),
            // The id of a thing of another kind.
            Subject::Container(ContainerId::from_uuid(host_id().as_uuid())),
        ];
        let refusals = unknown.map(|subject| format!("{:?}", data.patch_chat(about(&[own, subject]))));
        assert!(refusals[0].contains("not known") && refusals.iter().all(|refusal| *refusal == refusals[0]));
        assert_eq!(data.chat().expect("unchanged").context, [own]);
        let editor = crate::support::scope::<Owner>(&world.store, &two.a_owner, two.a);
        world.store.org(&editor).delete_host(host_id()).expect("it is removed");
        let both = ChatPatch { draft: Some("more".to_owned()), context: Some(vec![own]) };
        assert_eq!(data.patch_chat(both).expect("it was attached before").draft, "more");
        data.patch_chat(about(&[])).expect("it is taken away");
        assert!(data.patch_chat(about(&[own])).is_err(), "and it is gone");
    }
}

#[test]
fn what_is_typed_is_bounded_and_nothing_changes_where_it_is_refused() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        let id = data.chat().expect("a conversation").id;
        let kept = data.patch_chat(draft("kept, with a blank ")).expect("it is typed");
        assert_eq!(kept.draft, "kept, with a blank ");
        let long = "é".repeat(MAX_QUESTION + 1);
        for bad in [long.as_str(), "ring\u{7}", "a\u{0}b", "evil \u{202e}live"] {
            for refused in [data.patch_chat(draft(bad)).map(drop), data.ask(id, bad, None).map(drop)] {
                assert!(matches!(refused, Err(ChatError::Invalid(_))), "{refused:?}");
            }
        }
        for blank in ["", " \n\t "] {
            assert!(matches!(data.ask(id, blank, None), Err(ChatError::Invalid(_))), "{blank:?}");
        }
        let many = (0..=MAX_CONTEXT as u128).map(|n| Subject::Host(HostId::from_uuid(uuid::Uuid::from_u128(n))));
        let refused = data.patch_chat(about(&many.collect::<Vec<_>>()));
        assert!(matches!(&refused, Err(ChatError::Invalid(invalid)) if invalid.message.contains("16")), "{refused:?}");
        assert_eq!(data.chat().expect("unchanged"), kept);
        data.ask(id, &"é".repeat(MAX_QUESTION), None).expect("it is as long as it may be");
    }
}

#[test]
fn the_oldest_messages_go_where_there_are_too_many() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let id = chat(&world.store, &two.a_viewer, two.a).id;
        let scope = scope::<Viewer>(&world.store, &two.a_viewer, two.a);
        let data = world.store.org(&scope);
        for number in 1..=MAX_MESSAGES + 3 {
            data.answer(id, answer(&number.to_string())).expect("it is kept");
        }
        let kept = data.chat().expect("a conversation").messages;
        assert_eq!((kept.len(), kept[0].seq, kept[0].text.as_str()), (MAX_MESSAGES, 4, "4"));
    }
}

#[test]
fn of_several_pages_that_begin_a_conversation_all_see_the_same() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        let ids: Vec<_> = std::thread::scope(|threads| {
            let begin = || chat(&world.store, &two.a_viewer, two.a).id;
            let beginning: Vec<_> = (0..4).map(|_| threads.spawn(begin)).collect();
            beginning.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
}

#[test]
fn a_deleted_organization_takes_its_conversations_along() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        talk_in_both(&world.store, &two);
        let stale = scope::<Viewer>(&world.store, &two.ab, two.a);
        let id = chat(&world.store, &two.ab, two.a).id;
        world.store.directory().delete_org(&scope(&world.store, &two.a_owner, two.a)).expect("it is deleted");
        let late = world.store.org(&stale).answer(id, answer("late"));
        assert!(matches!(late, Err(ChatError::Store(StoreError::OrgGone))), "{late:?}");
        assert_eq!(texts(&chat(&world.store, &two.ab, two.b)), ["of B", "of B"]);
    }
}

#[test]
fn who_comes_back_finds_their_own_conversation_again() {
    for world in worlds() {
        let two = TwoWorlds::build(&world.store);
        ask(&world.store, &two.a_viewer, two.a, "before", None).expect("it is asked");
        let admin = scope::<Admin>(&world.store, &two.a_admin, two.a);
        world.store.directory().remove_member(&admin, user_id(&two.a_viewer)).expect("removed");
        world.store.directory().add_member(&admin, "a_viewer@example.org", Role::Viewer, None).expect("added");
        assert_eq!(texts(&chat(&world.store, &two.a_viewer, two.a)), ["before"]);
    }
}
