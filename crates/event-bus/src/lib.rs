//! A typed event bus whose subscriptions belong to a reactive owner.
//!
//! A subscription is made in an [`Owner`](reactive_graph::owner::Owner) and ends with it: there is no call to forget.
//! Three rules make delivery predictable:
//!
//! - **First in, first out, also when re-entered.** An event that a handler emits is delivered after the present one has
//!   reached everybody, so all handlers see all events in one order.
//! - **A handler sees what happens while it is subscribed.** One that subscribes during a delivery starts with the next
//!   event; one whose owner is cleaned up during a delivery is not called any more.
//! - **A handler that fails harms no other.** It returns an error, which goes to the bus's error sink; the rest are called
//!   as if nothing had happened.

use reactive_graph::owner::on_cleanup;
use std::{
    collections::VecDeque,
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Why a handler failed.
pub type HandlerError = Box<dyn Error + Send + Sync>;

type Handler<E> = dyn Fn(&E) -> Result<(), HandlerError> + Send + Sync;
type ErrorSink = dyn Fn(&'static str, &HandlerError) + Send + Sync;

/// What a handler returns: nothing, or a `Result` whose error is reported.
pub trait Outcome {
    /// The result that the bus looks at.
    fn into_result(self) -> Result<(), HandlerError>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl<F: Into<HandlerError>> Outcome for Result<(), F> {
    fn into_result(self) -> Result<(), HandlerError> {
        self.map_err(Into::into)
    }
}

/// A bus for events of type `E`. Clones are handles to the same bus.
pub struct Bus<E: 'static> {
    inner: Arc<Inner<E>>,
}

struct Inner<E> {
    state: Mutex<State<E>>,
    error_sink: Box<ErrorSink>,
}

struct State<E> {
    next_id: u64,
    subscribers: Vec<Subscriber<E>>,
    /// Events that wait for their turn. While one is being delivered, emitting only adds to it.
    queue: VecDeque<E>,
    delivering: bool,
}

struct Subscriber<E> {
    id: u64,
    name: &'static str,
    handler: Arc<Handler<E>>,
}

impl<E> Clone for Bus<E> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<E> fmt::Debug for Bus<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("subscribers", &self.subscriber_names()).finish()
    }
}

impl<E: Send + 'static> Bus<E> {
    /// An empty bus. `error_sink` is told the subscriber's name and the error when a handler fails.
    pub fn new(error_sink: impl Fn(&'static str, &HandlerError) + Send + Sync + 'static) -> Self {
        Self {
            inner: Arc::new(Inner {
                state: Mutex::new(State {
                    next_id: 0,
                    subscribers: Vec::new(),
                    queue: VecDeque::new(),
                    delivering: false,
                }),
                error_sink: Box::new(error_sink),
            }),
        }
    }

    /// Calls `handler` for each event until the current reactive owner is cleaned up.
    ///
    /// `name` says who listens: in error reports and in tests. The bus holds no owner, so a handler must not rely on
    /// being run inside one.
    pub fn subscribe<O: Outcome>(&self, name: &'static str, handler: impl Fn(&E) -> O + Send + Sync + 'static) {
        let id = {
            let mut state = self.inner.lock();
            let id = state.next_id;
            state.next_id += 1;
            state.subscribers.push(Subscriber {
                id,
                name,
                handler: Arc::new(move |event| handler(event).into_result()),
            });
            id
        };
        // Weak, so that an owner that lives long does not keep a bus alive that nobody else has.
        let bus = Arc::downgrade(&self.inner);
        on_cleanup(move || {
            if let Some(inner) = bus.upgrade() {
                inner.lock().subscribers.retain(|subscriber| subscriber.id != id);
            }
        });
    }

    /// Delivers an event to all who are subscribed, in the order in which they subscribed.
    ///
    /// Called from within a handler it returns at once; the event is delivered after the present one.
    pub fn emit(&self, event: E) {
        {
            let mut state = self.inner.lock();
            state.queue.push_back(event);
            if state.delivering {
                return;
            }
            state.delivering = true;
        }
        // If a handler panics where panics unwind, the bus must not stay "delivering" for ever.
        let _reset = ResetOnDrop(&self.inner);
        loop {
            let Some(event) = self.inner.lock().queue.pop_front() else { return };
            let ids: Vec<u64> = self.inner.lock().subscribers.iter().map(|subscriber| subscriber.id).collect();
            for id in ids {
                // Looked up anew each time: an earlier handler may have ended this subscription. The lock is not
                // held while the handler runs.
                let found = {
                    let state = self.inner.lock();
                    state.subscribers.iter().find(|s| s.id == id).map(|s| (s.name, Arc::clone(&s.handler)))
                };
                if let Some((name, handler)) = found
                    && let Err(error) = handler(&event)
                {
                    (self.inner.error_sink)(name, &error);
                }
            }
        }
    }
}

impl<E> Bus<E> {
    /// Names of those who are subscribed now, in the order of delivery.
    #[must_use]
    pub fn subscriber_names(&self) -> Vec<&'static str> {
        self.inner.lock().subscribers.iter().map(|subscriber| subscriber.name).collect()
    }
}

impl<E> Inner<E> {
    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct ResetOnDrop<'a, E>(&'a Inner<E>);

impl<E> Drop for ResetOnDrop<'_, E> {
    fn drop(&mut self) {
        self.0.lock().delivering = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reactive_graph::owner::Owner;
    use std::io;

    type Log = Arc<Mutex<Vec<String>>>;

    fn bus_with_log() -> (Bus<u32>, Log) {
        let log = Log::default();
        let errors = Arc::clone(&log);
        (Bus::new(move |name, error| errors.lock().expect("not poisoned").push(format!("{name} failed: {error}"))), log)
    }

    fn note(log: &Log, name: &'static str) -> impl Fn(&u32) + Send + Sync + 'static {
        let log = Arc::clone(log);
        move |event| log.lock().expect("not poisoned").push(format!("{name} {event}"))
    }

    fn lines(log: &Log) -> Vec<String> {
        std::mem::take(&mut log.lock().expect("not poisoned"))
    }

    #[test]
    fn a_subscription_ends_with_its_owner() {
        let (bus, log) = bus_with_log();
        let (first, second) = (Owner::new(), Owner::new());
        first.with(|| bus.subscribe("first", note(&log, "first")));
        second.with(|| bus.subscribe("second", note(&log, "second")));
        bus.emit(1);
        first.cleanup();
        bus.emit(2);
        assert_eq!(lines(&log), ["first 1", "second 1", "second 2"]);
        assert_eq!(bus.subscriber_names(), ["second"]);
    }

    #[test]
    fn an_event_emitted_by_a_handler_comes_after_the_present_one_for_everybody() {
        let (bus, log) = bus_with_log();
        let owner = Owner::new();
        owner.with(|| {
            let again = bus.clone();
            let noted = note(&log, "first");
            bus.subscribe("first", move |event| {
                noted(event);
                if *event == 1 {
                    again.emit(2);
                }
            });
            bus.subscribe("second", note(&log, "second"));
        });
        bus.emit(1);
        assert_eq!(lines(&log), ["first 1", "second 1", "first 2", "second 2"]);
    }

    #[test]
    fn a_handler_that_is_unsubscribed_during_a_delivery_is_not_called_any_more() {
        let (bus, log) = bus_with_log();
        let (first, second) = (Owner::new(), Owner::new());
        first.with(|| {
            let second = second.clone();
            bus.subscribe("first", move |_| second.cleanup());
        });
        second.with(|| bus.subscribe("second", note(&log, "second")));
        bus.emit(1);
        assert_eq!(lines(&log), Vec::<String>::new());
    }

    #[test]
    fn a_handler_that_subscribes_during_a_delivery_starts_with_the_next_event() {
        let (bus, log) = bus_with_log();
        let owner = Owner::new();
        owner.with(|| {
            let (late_bus, late_log, late_owner) = (bus.clone(), Arc::clone(&log), Owner::new());
            bus.subscribe("first", move |event| {
                if *event == 1 {
                    late_owner.with(|| late_bus.subscribe("late", note(&late_log, "late")));
                }
            });
        });
        bus.emit(1);
        bus.emit(2);
        assert_eq!(lines(&log), ["late 2"]);
    }

    #[test]
    fn a_handler_that_fails_harms_no_other() {
        let (bus, log) = bus_with_log();
        let owner = Owner::new();
        owner.with(|| {
            bus.subscribe("bad", |_: &u32| Err(io::Error::other("broken")));
            bus.subscribe("good", note(&log, "good"));
        });
        bus.emit(1);
        assert_eq!(lines(&log), ["bad failed: broken", "good 1"]);
    }

    #[test]
    fn a_handler_that_panics_does_not_silence_the_bus() {
        let (bus, log) = bus_with_log();
        let owner = Owner::new();
        owner.with(|| bus.subscribe("bad", |event: &u32| assert_ne!(*event, 1, "planted")));
        let emitting = bus.clone();
        std::thread::spawn(move || emitting.emit(1)).join().expect_err("the handler panics");
        owner.with(|| bus.subscribe("good", note(&log, "good")));
        bus.emit(2);
        assert_eq!(lines(&log), ["good 2"]);
    }

    #[test]
    fn a_thousand_mounts_and_unmounts_leave_no_subscription() {
        let (bus, _) = bus_with_log();
        for _ in 0..1_000 {
            let owner = Owner::new();
            owner.with(|| bus.subscribe("panel", |_: &u32| ()));
            owner.cleanup();
        }
        assert_eq!(bus.subscriber_names(), Vec::<&str>::new());
    }
}
