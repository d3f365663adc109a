//! A provider that fails: the person reads why, the server goes on, and the key is nowhere.

use super::{KEY, each_with_stall, sent};
use crate::harness::each as each_without;
use serde_json::json;
use shared::{
    ErrorCode, Role,
    assistant::Outcome,
    feature::{Feature, FeatureState, LicenseFeatures},
};
use std::{collections::BTreeSet, time::Duration};

const SOME_WORDS: &str = "Some words before";

#[test]
fn each_failure_of_the_provider_has_its_sentence_and_the_next_question_is_answered() {
    each_with_stall(Duration::from_millis(1_500), |app, provider| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let mut sentences = BTreeSet::new();
        for (word, code, kept, setting) in [
            ("[stall]", ErrorCode::Unavailable, Some(SOME_WORDS), None),
            ("[stall-first]", ErrorCode::Unavailable, None, None),
            ("[cut]", ErrorCode::Unavailable, Some(SOME_WORDS), None),
            ("[html]", ErrorCode::Unavailable, None, Some("BULKHEAD_ASSISTANT_URL")),
            ("[json]", ErrorCode::Unavailable, None, Some("BULKHEAD_ASSISTANT_URL")),
            ("[endless]", ErrorCode::Unavailable, None, None),
            ("[nonsense]", ErrorCode::Unavailable, Some(SOME_WORDS), None),
            ("[bad-utf8]", ErrorCode::Unavailable, Some(SOME_WORDS), None),
            ("[long-line]", ErrorCode::Unavailable, None, None),
            ("[redirect:http://169.254.169.254/]", ErrorCode::Unavailable, None, Some("BULKHEAD_ASSISTANT_URL")),
            ("[status:401]", ErrorCode::Unavailable, None, Some("BULKHEAD_ASSISTANT_KEY_FILE")),
            ("[status:404]", ErrorCode::Unavailable, None, Some("BULKHEAD_ASSISTANT_MODEL")),
            ("[status:429]", ErrorCode::RateLimited, None, None),
            ("[status:500]", ErrorCode::Unavailable, None, None),
            ("[echo-key]", ErrorCode::Unavailable, None, None),
            ("[error]", ErrorCode::Unavailable, Some(SOME_WORDS), None),
            ("[quiet]", ErrorCode::Unavailable, None, None),
            ("[stubborn]", ErrorCode::Unavailable, Some(""), None),
        ] {
            let told = ada.client.ask(org.id, word);
            let (problem, message) = told.failed();
            assert_eq!((problem.code, problem.org), (code, Some(org.id)), "{word}");
            assert_eq!(message.map(|message| message.text.as_str()), kept, "{word}");
            assert!(message.is_none_or(|message| message.outcome == Outcome::Failed), "{word}");
            assert_eq!(problem.setting.as_deref(), setting, "{word}");
            assert_eq!(problem.retry_after_s, (word == "[status:429]").then_some(7), "{word}");
            assert!(problem.detail.len() > 30 && problem.detail.ends_with('.'), "{word}: {}", problem.detail);
            sentences.insert(problem.detail.clone());
            assert!(!told.raw.contains("hush"), "{word}: the key is in {}", told.raw);
        }
        assert!(sentences.len() >= 12, "{sentences:#?}");
        assert_eq!(ada.client.ask(org.id, "[say:fine]").done().text, "fine");
        assert!(!ada.client.get(&crate::events::assistant(org.id)).text().contains("hush"));
        assert!(!sent(provider).contains(KEY), "the key goes into a header and nowhere else");
        let header = provider.asked().last().and_then(|asked| asked.header("authorization").map(str::to_owned));
        assert_eq!(header, Some(format!("Bearer {KEY}")));
        assert!(!format!("{:?}", app.state.settings()).contains("hush"));
    });
}

#[test]
fn without_a_provider_the_assistant_names_the_setting_that_is_missing() {
    each_without(|app| {
        let ada = app.person("Ada");
        let org = app.org("acme", &ada);
        let viewer = app.member(&org, "Vera", Role::Viewer).client;
        let place = crate::events::assistant(org.id);
        let question = json!({ "chat": "0196f1c2-a7d4-7cc3-98c4-dc0c0c07398f", "text": "hello" }).to_string();
        for answer in [
            viewer.get(&place),
            viewer.patch(&place, r#"{"draft":"x"}"#),
            viewer.delete(&place),
            viewer.post(&format!("{place}/messages"), &question),
        ] {
            let problem = answer.refused(ErrorCode::FeatureNotEnabled);
            assert_eq!(problem.feature, Some(Feature::Assistant));
            assert_eq!((problem.setting.as_deref(), problem.org), (Some("BULKHEAD_ASSISTANT_URL"), Some(org.id)));
        }
        let features: LicenseFeatures = viewer.get("/api/v1/license/features").ok();
        let assistant = features.features.iter().find(|info| info.feature == Feature::Assistant).expect("listed");
        assert_eq!(assistant.state, FeatureState::NotEnabled);
    });
}
