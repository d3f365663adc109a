//! Conversations with the assistant: at most one of each person in an organization. As in [`crate::hosts`], the
//! organization is in each predicate and is compared with each row that comes back. Beside it stands the person, who comes
//! from the scope and from nowhere else: there is no way to ask for somebody else's conversation, whatever the role.

use crate::{
    Actor, Invalid, OrgData, OrgScope, OverLimit, StoreError, clock,
    connection::{AnyConnection, each_backend},
    error::Db as _,
    isolation::{OfOrg, keep_own},
    metadata,
    schema::{assistant_usage, chat_messages, chats},
    text,
};
use authz::{AtLeast, Level, Viewer};
use diesel::{dsl::max, prelude::*};
use serde::de::DeserializeOwned;
use shared::{
    ChatId, Micros, OrgId, SECOND, UserId,
    assistant::{Chat, ChatMessage, ChatPatch, Lookup, MAX_CONTEXT, MAX_MESSAGES, MAX_QUESTION, Outcome, Speaker},
    metadata::Subject,
};
use uuid::Uuid;

/// A conversation was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// A token asked; only people talk to the assistant.
    #[error("A token has no conversation.")]
    TokenKind,
    /// The conversation was begun anew since it was read.
    #[error("This conversation is over: a new one was begun. Load it, then ask again.")]
    AnotherChat,
    /// The organization asked as many questions this month as are included.
    #[error(transparent)]
    Limit(#[from] OverLimit),
    /// A value is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the assistant said, to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAnswer {
    /// Markdown.
    pub text: String,
    /// What was looked at for it.
    pub lookups: Vec<Lookup>,
    /// How it ended.
    pub outcome: Outcome,
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptMessage {
    /// As it was kept.
    pub message: ChatMessage,
    /// Questions that the organization asked this month.
    pub used: i64,
}

impl<R: AtLeast<Viewer>> OrgData<'_, R> {
    /// The caller's conversation; one is begun where there is none. The plan's limit is not known here.
    ///
    /// # Errors
    /// [`ChatError::TokenKind`], or the database failed.
    pub fn chat(&self) -> Result<Chat, ChatError> {
        let whose = Whose::of(self.scope)?;
        if let Some(chat) = self.store.read_org(whose.org, |connection| load(connection, whose))? {
            return Ok(chat);
        }
        let begun = self.store.write_org(whose.org, |connection| {
            ensure(connection, whose)?;
            load(connection, whose)
        });
        let chat = match begun {
            // Another page began it at the same moment.
            Err(StoreError::Conflict(_)) => self.store.read_org(whose.org, |connection| load(connection, whose))?,
            begun => begun?,
        };
        chat.ok_or(ChatError::AnotherChat)
    }

    /// Keeps what was typed, and what the conversation is about. What was attached before stays acceptable when it is
    /// gone.
    ///
    /// # Errors
    /// [`ChatError::TokenKind`], [`ChatError::Invalid`], or the database failed. Nothing was changed then.
    pub fn patch_chat(&self, patch: ChatPatch) -> Result<Chat, ChatError> {
        let whose = Whose::of(self.scope)?;
        let draft = patch.draft.map(|draft| text::typed(&draft, "/draft", MAX_QUESTION)).transpose()?;
        let context = patch.context.map(distinct).transpose()?;
        self.store.write_org(whose.org, |connection| {
            ensure(connection, whose)?;
            change(connection, whose, draft, context)?;
            load(connection, whose)?.ok_or(ChatError::AnotherChat)
        })
    }

    /// Removes the caller's conversation. The next one has another id.
    ///
    /// # Errors
    /// [`ChatError::TokenKind`], or the database failed.
    pub fn delete_chat(&self) -> Result<(), ChatError> {
        let whose = Whose::of(self.scope)?;
        self.store.write_org(whose.org, |connection| {
            let (org, user) = whose.key();
            let own = chat_messages::table.filter(chat_messages::org_id.eq(&org));
            diesel::delete(own.filter(chat_messages::user_id.eq(&user))).execute(connection).db()?;
            diesel::delete(chats::table.find((org, user))).execute(connection).db().map(drop)
        })?;
        Ok(())
    }

    /// Keeps a question and counts it, both or neither. What was typed is sent now, so the draft is empty after it.
    ///
    /// # Errors
    /// See [`ChatError`]. [`ChatError::Limit`] where `limit` questions were asked this month.
    pub fn ask(&self, chat: ChatId, question: &str, limit: Option<i64>) -> Result<KeptMessage, ChatError> {
        let whose = Whose::of(self.scope)?;
        let text = text::lines(question.trim(), "/text", MAX_QUESTION)?;
        if text.is_empty() {
            return Err(Invalid { pointer: "/text", message: "Ask something.".to_owned() }.into());
        }
        let now = clock::now();
        self.store.write_org(whose.org, |connection| {
            lock(connection, whose, chat)?;
            let own = chats::table.find(whose.key());
            diesel::update(own).set(chats::draft.eq("")).execute(connection).db()?;
            let used = count(connection, whose.org, now, limit.unwrap_or(i64::MAX))?;
            let said = NewAnswer { text, lookups: Vec::new(), outcome: Outcome::Complete };
            let message = append(connection, whose, Speaker::Person, said, now)?;
            Ok(KeptMessage { message, used })
        })
    }

    /// Questions that were asked of the assistant this month, by all of the organization.
    ///
    /// # Errors
    /// The database failed.
    pub fn asked_this_month(&self) -> Result<i64, StoreError> {
        let org = self.scope.org();
        self.store.read_org(org, |connection| used(connection, org, clock::now()))
    }

    /// Keeps an answer, where the conversation is still the one that was asked in.
    ///
    /// # Errors
    /// See [`ChatError`].
    pub fn answer(&self, chat: ChatId, answer: NewAnswer) -> Result<KeptMessage, ChatError> {
        let whose = Whose::of(self.scope)?;
        let now = clock::now();
        self.store.write_org(whose.org, |connection| {
            lock(connection, whose, chat)?;
            let message = append(connection, whose, Speaker::Assistant, answer, now)?;
            Ok(KeptMessage { message, used: used(connection, whose.org, now)? })
        })
    }
}

/// Whose conversation.
#[derive(Debug, Clone, Copy)]
struct Whose {
    org: OrgId,
    user: UserId,
}

impl Whose {
    fn of<R: Level>(scope: &OrgScope<R>) -> Result<Self, ChatError> {
        match scope.actor() {
            Actor::User { user, .. } => Ok(Self { org: scope.org(), user: *user }),
            Actor::Token(_) => Err(ChatError::TokenKind),
        }
    }

    fn key(self) -> (String, String) {
        (self.org.to_string(), self.user.to_string())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = chats)]
struct ChatRow {
    org_id: String,
    id: String,
    draft: String,
    context: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = chat_messages)]
struct MessageRow {
    org_id: String,
    seq: i64,
    speaker: String,
    text: String,
    lookups: String,
    outcome: String,
    at: Micros,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = assistant_usage)]
struct UsageRow {
    org_id: String,
    used: i64,
}

impl OfOrg for UsageRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

impl OfOrg for ChatRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

impl OfOrg for MessageRow {
    fn org_id(&self) -> &str {
        &self.org_id
    }
}

impl MessageRow {
    fn into_message(self) -> Result<ChatMessage, StoreError> {
        Ok(ChatMessage {
            seq: self.seq,
            speaker: word(&self.speaker)?,
            text: self.text,
            lookups: json(&self.lookups)?,
            outcome: word(&self.outcome)?,
            at: self.at,
        })
    }
}

/// What a column holds as JSON.
fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        what: "A conversation in the database cannot be read.".to_owned(),
        source: Some(error.into()),
    })
}

/// A word of the wire, as a column holds it.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    json(&format!("\"{text}\""))
}

const fn word_of_speaker(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Person => "person",
        Speaker::Assistant => "assistant",
    }
}

fn find(connection: &mut AnyConnection, whose: Whose) -> Result<Option<ChatRow>, StoreError> {
    let rows: Vec<ChatRow> = chats::table.find(whose.key()).select(ChatRow::as_select()).load(connection).db()?;
    Ok(keep_own(whose.org, rows, "chats").pop())
}

fn load(connection: &mut AnyConnection, whose: Whose) -> Result<Option<Chat>, StoreError> {
    let Some(row) = find(connection, whose)? else { return Ok(None) };
    let (org, user) = whose.key();
    let rows: Vec<MessageRow> = chat_messages::table
        .filter(chat_messages::org_id.eq(org))
        .filter(chat_messages::user_id.eq(user))
        .order(chat_messages::seq)
        .select(MessageRow::as_select())
        .load(connection)
        .db()?;
    let messages = keep_own(whose.org, rows, "chat_messages").into_iter().map(MessageRow::into_message);
    Ok(Some(Chat {
        id: word(&row.id)?,
        messages: messages.collect::<Result<_, _>>()?,
        draft: row.draft,
        context: json(&row.context)?,
        used: used(connection, whose.org, clock::now())?,
        limit: None,
    }))
}

/// Begins a conversation where there is none.
fn ensure(connection: &mut AnyConnection, whose: Whose) -> Result<(), StoreError> {
    if find(connection, whose)?.is_some() {
        return Ok(());
    }
    let (org, user) = whose.key();
    let row = (
        chats::org_id.eq(org),
        chats::user_id.eq(user),
        chats::id.eq(ChatId::from_uuid(Uuid::now_v7()).to_string()),
        chats::draft.eq(""),
        chats::context.eq("[]"),
        chats::created_at.eq(clock::now()),
    );
    diesel::insert_into(chats::table).values(row).execute(connection).db().map(drop)
}

/// Each thing once, in the order in which it came.
fn distinct(context: Vec<Subject>) -> Result<Vec<Subject>, Invalid> {
    let mut out = Vec::new();
    for subject in context {
        if !out.contains(&subject) {
            out.push(subject);
        }
        if out.len() > MAX_CONTEXT {
            let message = format!("At most {MAX_CONTEXT} things can be attached.");
            return Err(Invalid { pointer: "/context", message });
        }
    }
    Ok(out)
}

fn change(
    connection: &mut AnyConnection,
    whose: Whose,
    draft: Option<String>,
    context: Option<Vec<Subject>>,
) -> Result<(), ChatError> {
    if let Some(draft) = draft {
        let own = chats::table.find(whose.key());
        diesel::update(own).set(chats::draft.eq(draft)).execute(connection).db()?;
    }
    let Some(context) = context else { return Ok(()) };
    let before = find(connection, whose)?.ok_or(ChatError::AnotherChat)?;
    let before: Vec<Subject> = json(&before.context)?;
    for subject in context.iter().filter(|subject| !before.contains(subject)) {
        if metadata::find_host(connection, whose.org, *subject)?.is_none() {
            // Says the same of what another organization has: neither is known here.
            let message = "One of these things is not known in this organization.".to_owned();
            return Err(Invalid { pointer: "/context", message }.into());
        }
    }
    let context = serde_json::to_string(&context).expect("ids are JSON");
    let own = chats::table.find(whose.key());
    diesel::update(own).set(chats::context.eq(context)).execute(connection).db()?;
    Ok(())
}

/// Finds the conversation to be that one, and keeps it so: its row is written to, and so is locked until the end of the
/// transaction. What follows in one conversation follows one another.
fn lock(connection: &mut AnyConnection, whose: Whose, chat: ChatId) -> Result<(), ChatError> {
    let same = chats::table.find(whose.key()).filter(chats::id.eq(chat.to_string()));
    let locked = diesel::update(same).set(chats::draft.eq(chats::draft)).execute(connection).db()?;
    if locked == 1 { Ok(()) } else { Err(ChatError::AnotherChat) }
}

/// Appends a message, and removes the oldest where there are too many.
fn append(
    connection: &mut AnyConnection,
    whose: Whose,
    speaker: Speaker,
    said: NewAnswer,
    at: Micros,
) -> Result<ChatMessage, StoreError> {
    let NewAnswer { text, lookups, outcome } = said;
    let (org, user) = whose.key();
    let own = || chat_messages::table.filter(chat_messages::org_id.eq(&org)).filter(chat_messages::user_id.eq(&user));
    let last: Option<i64> = own().select(max(chat_messages::seq)).first(connection).db()?;
    let seq = last.unwrap_or_default() + 1;
    let row = (
        chat_messages::org_id.eq(&org),
        chat_messages::user_id.eq(&user),
        chat_messages::seq.eq(seq),
        chat_messages::speaker.eq(word_of_speaker(speaker)),
        chat_messages::text.eq(&text),
        chat_messages::lookups.eq(serde_json::to_string(&lookups).expect("texts and ids are JSON")),
        chat_messages::outcome.eq(outcome.as_str()),
        chat_messages::at.eq(at),
    );
    diesel::insert_into(chat_messages::table).values(row).execute(connection).db()?;
    let kept = i64::try_from(MAX_MESSAGES).unwrap_or(i64::MAX);
    diesel::delete(own().filter(chat_messages::seq.le(seq - kept))).execute(connection).db()?;
    Ok(ChatMessage { seq, speaker, text, lookups, outcome, at })
}

/// Counts a question where fewer than `limit` were asked this month. The comparison is in the statement that counts, so
/// that of several at once no more pass than there is room for.
fn count(connection: &mut AnyConnection, org: OrgId, now: Micros, limit: i64) -> Result<i64, ChatError> {
    let (id, month) = (org.to_string(), month_of(now));
    let none_yet = (assistant_usage::org_id.eq(&id), assistant_usage::month.eq(&month), assistant_usage::used.eq(0));
    each_backend!(connection, |concrete| {
        diesel::insert_into(assistant_usage::table).values(none_yet).on_conflict_do_nothing().execute(concrete).db()?
    });
    let room = assistant_usage::table.find((&id, &month)).filter(assistant_usage::used.lt(limit));
    let one_more = assistant_usage::used.eq(assistant_usage::used + 1);
    let counted = diesel::update(room).set(one_more).execute(connection).db()?;
    let used = used(connection, org, now)?;
    if counted == 1 { Ok(used) } else { Err(OverLimit { limit, used }.into()) }
}

/// Questions that the organization asked this month.
fn used(connection: &mut AnyConnection, org: OrgId, now: Micros) -> Result<i64, StoreError> {
    let found = assistant_usage::table.find((org.to_string(), month_of(now))).select(UsageRow::as_select());
    let rows: Vec<UsageRow> = found.load(connection).db()?;
    Ok(keep_own(org, rows, "assistant_usage").pop().map_or(0, |row| row.used))
}

/// The month of UTC that a time is in, such as `2026-11`.
fn month_of(at: Micros) -> String {
    // Civil date from a day count: years start in March, so that the leap day is the last of one.
    let shifted = at.div_euclid(SECOND).div_euclid(86_400) + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    format!("{:04}-{month:02}", year + era * 400 + i64::from(month < 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_with_its_first_second() {
        let month = |seconds: i64| month_of(seconds * SECOND);
        assert_eq!((month(0).as_str(), month(-1).as_str()), ("1970-01", "1969-12"));
        assert_eq!(
            (month(1_709_251_199).as_str(), month(1_709_251_200).as_str()),
            ("2024-02", "2024-03"),
            "a leap day"
        );
        assert_eq!((month(1_767_225_599).as_str(), month(1_767_225_600).as_str()), ("2025-12", "2026-01"));
    }

    #[test]
    fn words_in_the_database_are_those_of_the_wire() {
        for speaker in [Speaker::Person, Speaker::Assistant] {
            assert_eq!(word::<Speaker>(word_of_speaker(speaker)).expect("readable"), speaker);
        }
        for outcome in Outcome::ALL {
            assert_eq!(word::<Outcome>(outcome.as_str()).expect("readable"), outcome);
        }
    }
}
