//! Calls of tools, put together from the pieces in which they come.

use crate::{
    error::Error,
    limits::Limits,
    wire::{Call, CallKind, CallPart},
};
use serde_json::{Map, Value};

/// Most bytes of the name and of the id of a call. Names that are offered are shorter.
const MAX_WORD: usize = 256;

/// A call that is whole.
#[derive(Debug, Clone)]
pub(crate) struct Requested {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Nothing where they are no JSON object.
    pub(crate) arguments: Option<Map<String, Value>>,
}

impl Requested {
    /// As it goes back to the provider. Arguments that are no object are left out, since some providers refuse them.
    pub(crate) fn to_wire(&self) -> Call {
        let arguments = self.arguments.clone().map_or_else(|| "{}".to_owned(), |map| Value::Object(map).to_string());
        Call { id: self.id.clone(), function: CallKind::Function { name: self.name.clone(), arguments } }
    }
}

/// The calls of one message of the provider.
#[derive(Debug, Default)]
pub(crate) struct Assembly(Vec<Partial>);

#[derive(Debug, Default)]
struct Partial {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Assembly {
    /// Adds a piece.
    ///
    /// # Errors
    /// When there are too many calls, or one is too large.
    pub(crate) fn add(&mut self, part: CallPart, limits: &Limits) -> Result<(), Error> {
        let id = part.id.unwrap_or_default();
        let place = self.place(part.index, &id);
        let place = match place {
            Some(place) => place,
            None if self.0.len() >= limits.calls_at_once => return Err(Error::TooLarge { what: "calls at once" }),
            None => {
                self.0.push(Partial { index: part.index, id, ..Partial::default() });
                self.0.len() - 1
            }
        };
        let call = &mut self.0[place];
        let function = part.function.unwrap_or_default();
        // Some repeat the name in each piece.
        if call.name.is_empty() {
            call.name = function.name.unwrap_or_default();
        }
        call.arguments.push_str(&function.arguments.unwrap_or_default());
        if call.arguments.len() > limits.arguments {
            return Err(Error::TooLarge { what: "the arguments of a call" });
        }
        if call.id.len() > MAX_WORD || call.name.len() > MAX_WORD {
            return Err(Error::TooLarge { what: "the name of a call" });
        }
        Ok(())
    }

    /// Where a piece belongs. The index says so, but some leave it out and some give the same one to all calls.
    fn place(&self, index: Option<u64>, id: &str) -> Option<usize> {
        let last = self.0.len().checked_sub(1);
        if id.is_empty() {
            return index.map_or(last, |index| self.0.iter().rposition(|call| call.index == Some(index)));
        }
        self.0.iter().rposition(|call| call.index == index && (call.id == id || call.id.is_empty()))
    }

    /// The calls, once the message is whole.
    pub(crate) fn finish(self) -> Vec<Requested> {
        let numbered = self.0.into_iter().enumerate();
        numbered
            .map(|(number, call)| Requested {
                id: if call.id.is_empty() { format!("call_{number}") } else { call.id },
                name: call.name,
                arguments: match call.arguments.trim() {
                    "" => Some(Map::new()),
                    text => serde_json::from_str(text).ok(),
                },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    fn assemble(parts: Value, limits: &Limits) -> Result<Vec<(String, String, String)>, Error> {
        let mut assembly = Assembly::default();
        for part in from_value::<Vec<CallPart>>(parts).expect("pieces") {
            assembly.add(part, limits)?;
        }
        let show = |call: Requested| (call.id, call.name, Value::from(call.arguments).to_string());
        Ok(assembly.finish().into_iter().map(show).collect())
    }

    fn two() -> Vec<(String, String, String)> {
        [("x", "list", r#"{"a":1}"#), ("y", "read", "{}")].map(|(a, b, c)| (a.into(), b.into(), c.into())).into()
    }

    #[test]
    fn pieces_find_their_call_in_each_of_the_ways_that_providers_have() {
        let by_index = json!([
            {"index": 0, "id": "x", "function": {"name": "list", "arguments": ""}},
            {"index": 1, "id": "y", "function": {"name": "read"}},
            {"index": 0, "function": {"arguments": "{\"a\""}},
            {"index": 1, "function": {"arguments": "{}"}},
            {"index": 0, "function": {"arguments": ":1}"}},
        ]);
        let without_index = json!([
            {"id": "x", "function": {"name": "list", "arguments": "{\"a\":"}},
            {"function": {"arguments": "1}"}},
            {"id": "y", "function": {"name": "read", "arguments": ""}},
        ]);
        let one_index_for_all = json!([
            {"index": 0, "id": "x", "function": {"name": "list", "arguments": "{\"a\":1}"}},
            {"index": 0, "id": "y", "function": {"name": "read", "arguments": "{}"}},
        ]);
        let name_and_id_repeated = json!([
            {"index": 0, "id": "x", "function": {"name": "list", "arguments": "{\"a\":"}},
            {"index": 0, "id": "x", "function": {"name": "list", "arguments": "1}"}},
            {"index": 1, "id": "y", "function": {"name": "read"}},
        ]);
        for parts in [by_index, without_index, one_index_for_all, name_and_id_repeated] {
            assert_eq!(assemble(parts.clone(), &Limits::default()).expect("calls"), two(), "{parts}");
        }
    }

    #[test]
    fn a_call_without_an_id_gets_one_and_arguments_that_are_no_object_are_none() {
        let parts = json!([
            {"index": 0, "function": {"name": "a", "arguments": "[1]"}},
            {"index": 1, "function": {"name": "b", "arguments": "{\"cut\":"}},
        ]);
        let calls = assemble(parts, &Limits::default()).expect("calls");
        let ids_and_arguments: Vec<_> = calls.iter().map(|call| (call.0.as_str(), call.2.as_str())).collect();
        assert_eq!(ids_and_arguments, [("call_0", "null"), ("call_1", "null")]);
    }

    #[test]
    fn neither_the_number_of_calls_nor_their_size_is_the_providers_choice() {
        let limits = Limits { calls_at_once: 2, arguments: 8, ..Limits::default() };
        let part =
            |index: u64, arguments: &str| json!({"index": index, "function": {"name": "a", "arguments": arguments}});
        assert!(assemble(json!([part(0, "{}"), part(1, "{}")]), &limits).is_ok());
        let too_many = assemble(json!([part(0, "{}"), part(1, "{}"), part(2, "{}")]), &limits);
        assert_eq!(too_many, Err(Error::TooLarge { what: "calls at once" }));
        assert!(assemble(json!([part(0, "12345678")]), &limits).is_ok());
        let too_large = assemble(json!([part(0, "1234"), part(0, "56789")]), &limits);
        assert_eq!(too_large, Err(Error::TooLarge { what: "the arguments of a call" }));
        let long_name = json!([{"index": 0, "function": {"name": "a".repeat(MAX_WORD + 1)}}]);
        assert!(assemble(long_name, &limits).is_err());
    }
}
