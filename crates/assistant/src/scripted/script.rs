//! What the words in a question make the provider do.

use super::{Asked, http::Out};
use serde_json::{Map, Value, json};
use std::{future::pending, io, time::Duration};
use tokio::time::sleep;

const HUGE: usize = 3 * 1024 * 1024;
const SOME_WORDS: &str = "Some words before";
const INJECTED: &str = "# Look here\n\n[click](javascript:alert(1)) and [here](JaVaScRiPt:alert(2)) and [data](data:text/html,<script>alert(3)</script>)\n\n\
<script>window.injected = true</script><img src=x onerror=\"window.injected = true\"><b onclick=\"alert(4)\">bold</b>\n\n\
![picture](https://evil.example/pixel.png?leak=1)\n\n[another site](https://evil.example/) and https://evil.example/bare\n\n\
| a | b |\n|---|---|\n| <iframe src=\"https://evil.example/\"></iframe> | `code` |\n";

/// What a request says, as far as the script needs it.
struct Scene<'a> {
    question: &'a str,
    /// Results of tools since the question.
    results: Vec<&'a str>,
    tools: Vec<&'a Value>,
    may_call: bool,
    authorization: &'a str,
}

impl<'a> Scene<'a> {
    fn new(asked: &'a Asked) -> Self {
        let messages = asked.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let at = messages.iter().rposition(|message| message["role"] == "user");
        let results = messages[at.map_or(0, |at| at + 1)..].iter().filter(|message| message["role"] == "tool");
        Self {
            question: at.and_then(|at| messages[at]["content"].as_str()).unwrap_or_default(),
            results: results.filter_map(|message| message["content"].as_str()).collect(),
            tools: asked.body["tools"].as_array().into_iter().flatten().map(|tool| &tool["function"]).collect(),
            may_call: asked.body["tool_choice"] != "none",
            authorization: asked.header("authorization").unwrap_or_default(),
        }
    }

    /// What stands behind the colon of each `[name]` or `[name:…]` of the question. Brackets inside are counted.
    fn words(&self, name: &str) -> Vec<&'a str> {
        let mut found = Vec::new();
        for (at, _) in self.question.match_indices('[') {
            let Some(rest) = self.question[at + 1..].strip_prefix(name) else { continue };
            let mut depth = 1;
            let end = rest.find(|c| {
                depth += i32::from(c == '[') - i32::from(c == ']');
                depth == 0
            });
            match end.map(|end| &rest[..end]) {
                Some("") => found.push(""),
                Some(rest) => found.extend(rest.strip_prefix(':')),
                None => {}
            }
        }
        found
    }

    fn word(&self, name: &str) -> Option<&'a str> {
        self.words(name).first().copied()
    }

    fn has(&self, name: &str) -> bool {
        self.word(name).is_some()
    }

    fn first_tool(&self) -> String {
        self.tools.first().and_then(|tool| tool["name"].as_str()).unwrap_or("no_tool").to_owned()
    }

    /// The calls that the question asks for.
    fn calls(&self) -> Vec<(String, String)> {
        let mut calls = Vec::new();
        for word in self.words("lookup") {
            let (tool, arguments) = word.split_once(' ').unwrap_or((word, "{}"));
            calls.push((tool.to_owned(), arguments.to_owned()));
        }
        for word in self.words("foreign") {
            let (id, named) = word.split_once(' ').map_or((word, None), |(id, tool)| (id, Some(tool)));
            let takes_it =
                |tool: &&&Value| named.map_or_else(|| !required(tool).is_empty(), |named| tool["name"] == named);
            if let Some(tool) = self.tools.iter().find(takes_it) {
                let arguments: Map<String, Value> = required(tool).into_iter().map(|name| (name, id.into())).collect();
                calls
                    .push((tool["name"].as_str().unwrap_or_default().to_owned(), Value::Object(arguments).to_string()));
            }
        }
        let many = self.word("many").and_then(|count| count.parse().ok()).unwrap_or(0);
        calls.extend((0..many).map(|_| (self.first_tool(), "{}".to_owned())));
        if self.has("bad-arguments") {
            calls.push((self.first_tool(), "{\"cut\": [1, ".to_owned()));
        }
        calls
    }

    /// What is said when nothing else is asked for.
    fn text(&self, answer: Option<&str>) -> String {
        if let Some(text) = self.word("say") {
            return text.to_owned();
        }
        if self.has("inject") {
            return INJECTED.to_owned();
        }
        if !self.results.is_empty() {
            return self.quote();
        }
        answer.map_or_else(|| format!("You asked: {}", self.question), str::to_owned)
    }

    /// The names in the results, or the beginning of each where there are none.
    fn quote(&self) -> String {
        let mut names = Vec::new();
        for result in &self.results {
            collect_names(&serde_json::from_str(result).unwrap_or(Value::Null), &mut names);
        }
        if names.is_empty() || self.has("foreign") {
            let beginnings: Vec<String> = self.results.iter().map(|text| text.chars().take(400).collect()).collect();
            return format!("The tool said: {}", beginnings.join(" / "));
        }
        format!("I found: {}.", names.join(", "))
    }
}

fn required(tool: &Value) -> Vec<String> {
    let properties = &tool["parameters"]["properties"];
    let names = tool["parameters"]["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.filter(|name| properties[*name]["type"] == "string").map(str::to_owned).collect()
}

fn collect_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            names.extend(fields.get("name").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect_names(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

/// Answers one request. Says whether the connection goes on.
pub(super) async fn play(asked: &Asked, answer: Option<&str>, out: &mut Out) -> io::Result<bool> {
    let scene = Scene::new(asked);
    if !asked.line.starts_with("POST ") || !asked.line.contains("/chat/completions ") {
        out.whole(404, "", b"{\"error\":{\"code\":\"not_found\"}}").await?;
        return Ok(true);
    }
    if let Some(goes_on) = refuse(&scene, out).await? {
        return Ok(goes_on);
    }
    if scene.has("stall-first") {
        pending::<()>().await;
    }
    out.begin().await?;
    if let Some(goes_on) = misbehave(&scene, out).await? {
        return Ok(goes_on);
    }
    let calls = if scene.has("stubborn") || scene.has("again") && scene.may_call {
        vec![(scene.first_tool(), "{}".to_owned())]
    } else if scene.results.is_empty() && scene.may_call {
        scene.calls()
    } else {
        Vec::new()
    };
    if calls.is_empty() {
        let pause = scene.word("slow").map(|ms| Duration::from_millis(ms.parse().unwrap_or(200)));
        say(out, &scene.text(answer), pause).await?;
        finish(out, "stop").await?;
    } else {
        call(out, &calls).await?;
        finish(out, "tool_calls").await?;
    }
    Ok(true)
}

/// Answers that are no stream.
async fn refuse(scene: &Scene<'_>, out: &mut Out) -> io::Result<Option<bool>> {
    if let Some(status) = scene.word("status").and_then(|code| code.parse().ok()) {
        let headers = if status == 429 { "retry-after: 7\r\n" } else { "" };
        let said = format!("Incorrect key provided: {}", scene.authorization);
        let error = json!({"error": {"message": said, "code": "scripted_refusal", "type": scene.authorization}});
        out.whole(status, headers, error.to_string().as_bytes()).await?;
    } else if let Some(status) = scene.word("huge-status").and_then(|code| code.parse().ok()) {
        out.whole(status, "", &huge("{\"error\":{\"code\":\"scripted_refusal\",\"message\":\"", "\"}}")).await?;
    } else if scene.has("echo-key") {
        let key = scene.authorization.trim_start_matches("Bearer ");
        out.whole(500, "", json!({"error": {"code": key, "type": key}}).to_string().as_bytes()).await?;
    } else if scene.has("html") {
        out.whole(200, "content-type: text/html\r\n", b"<!doctype html><title>Welcome</title>").await?;
    } else if scene.has("json") {
        out.whole(200, "content-type: application/json\r\n", &huge("{\"a\":\"", "\"}")).await?;
    } else if let Some(url) = scene.word("redirect") {
        out.whole(307, &format!("location: {url}\r\n"), b"").await?;
    } else {
        return Ok(None);
    }
    Ok(Some(true))
}

fn huge(before: &str, after: &str) -> Vec<u8> {
    format!("{before}{}{after}", "x".repeat(HUGE)).into_bytes()
}

/// Streams that no provider should send.
async fn misbehave(scene: &Scene<'_>, out: &mut Out) -> io::Result<Option<bool>> {
    let chosen = |name: &str| scene.has(name);
    if chosen("drip") {
        loop {
            out.send(b": still here\n\n").await?;
            sleep(Duration::from_millis(20)).await;
        }
    }
    if chosen("babble") || chosen("endless") {
        let delta = if chosen("babble") { json!({"content": "more words "}) } else { json!({"reasoning": "hmm "}) };
        let events = event(&delta).repeat(50);
        loop {
            out.send(events.as_bytes()).await?;
        }
    }
    if chosen("endless-arguments") {
        loop {
            let function = json!({"name": scene.first_tool(), "arguments": "x".repeat(500)});
            out.send(event(&json!({"tool_calls": [{"index": 0, "id": "a", "function": function}]})).as_bytes()).await?;
        }
    }
    if chosen("long-line") {
        out.send(&huge("data: ", "\n\n")).await?;
        return Ok(Some(false));
    }
    if chosen("quiet") {
        finish(out, "stop").await?;
        return Ok(Some(true));
    }
    let after: Option<&[u8]> = match () {
        () if chosen("stall") => None,
        () if chosen("cut") => Some(b"data: {\"choices\":[{\"delta\":{\"con"),
        () if chosen("nonsense") => Some(b"data: {\"choices\":[{]}\n\n"),
        () if chosen("bad-utf8") => Some(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xc3\xff\"}}]}\n\n"),
        () if chosen("cut-politely") => Some(b""),
        () if chosen("error") || chosen("length") || chosen("filtered") || chosen("no-done") => Some(b""),
        () => return Ok(None),
    };
    say(out, SOME_WORDS, None).await?;
    match after {
        None => pending().await,
        Some(b"") => {}
        Some(bytes) => {
            out.send(bytes).await?;
            return Ok(Some(false));
        }
    }
    if chosen("error") {
        let error = json!({"error": {"message": scene.authorization, "code": "overloaded_error"}});
        out.send(format!("data: {error}\n\n").as_bytes()).await?;
        return Ok(Some(false));
    }
    if chosen("cut-politely") {
        out.end(b"data: {\"choices\":[{\"delta\":{\"con").await?;
    } else if chosen("no-done") {
        out.end(ending("stop").as_bytes()).await?;
    } else {
        finish(out, if chosen("length") { "length" } else { "content_filter" }).await?;
    }
    Ok(Some(true))
}

fn event(delta: &Value) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": null});
    format!("data: {}\n\n", json!({"id": "scripted", "object": "chat.completion.chunk", "choices": [choice]}))
}

fn ending(reason: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

async fn say(out: &mut Out, text: &str, pause: Option<Duration>) -> io::Result<()> {
    for (number, word) in text.split_inclusive(' ').enumerate() {
        if let Some(pause) = pause.filter(|_| number > 0) {
            sleep(pause).await;
        }
        out.send(event(&json!({"content": word})).as_bytes()).await?;
    }
    Ok(())
}

/// Calls tools, their arguments in pieces of a few characters.
async fn call(out: &mut Out, calls: &[(String, String)]) -> io::Result<()> {
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let function = json!({"name": name, "arguments": ""});
        let first = json!({"index": index, "id": format!("call-{index}"), "type": "function", "function": function});
        out.send(event(&json!({"tool_calls": [first]})).as_bytes()).await?;
        let characters: Vec<char> = arguments.chars().collect();
        for piece in characters.chunks(5) {
            let function = json!({"arguments": piece.iter().collect::<String>()});
            out.send(event(&json!({"tool_calls": [{"index": index, "function": function}]})).as_bytes()).await?;
        }
    }
    Ok(())
}

async fn finish(out: &mut Out, reason: &str) -> io::Result<()> {
    out.end(format!("{}data: [DONE]\n\n", ending(reason)).as_bytes()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(messages: Value) -> Asked {
        let tools = json!([{"type": "function", "function": {"name": "list_hosts", "parameters": {}}},
            {"type": "function", "function": {"name": "get_host", "parameters": {
                "properties": {"host": {"type": "string"}}, "required": ["host"]}}}]);
        Asked {
            line: String::new(),
            headers: Vec::new(),
            body: json!({"messages": messages, "tools": tools}),
            connection: 1,
        }
    }

    #[test]
    fn words_are_found_with_what_belongs_to_them() {
        let question = "please [lookup:list_hosts] and [lookup:get_host {\"hosts\":[\"a\"]}] [slow] [slower]";
        let asked = asked(json!([{"role": "user", "content": "[stall]"}, {"role": "user", "content": question}]));
        let scene = Scene::new(&asked);
        assert_eq!(
            scene.calls(),
            [("list_hosts", "{}"), ("get_host", "{\"hosts\":[\"a\"]}")].map(|(a, b)| (a.into(), b.into()))
        );
        assert_eq!((scene.words("slow"), scene.has("stall")), (vec![""], false));
    }

    #[test]
    fn a_foreign_id_goes_to_the_first_tool_that_takes_one() {
        let asked = asked(json!([{"role": "user", "content": "[foreign:1234]"}]));
        assert_eq!(Scene::new(&asked).calls(), [("get_host".to_owned(), "{\"host\":\"1234\"}".to_owned())]);
    }

    #[test]
    fn an_answer_quotes_the_names_in_the_results() {
        let asked = asked(json!([
            {"role": "user", "content": "[lookup:list_hosts]"},
            {"role": "assistant", "content": null},
            {"role": "tool", "content": "{\"hosts\":[{\"name\":\"web-01\"},{\"name\":\"db-02\"}]}"},
        ]));
        assert_eq!(Scene::new(&asked).text(None), "I found: web-01, db-02.");
    }
}
