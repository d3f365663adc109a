//! The load generator: some threads, each with some connections, and on each connection one request in flight.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{io, thread};

use super::http::{Answer, Connection};
use crate::shell::{Failure, Result};

/// What one connection says and what it makes of the answers.
pub(super) trait Talk: Send {
    /// Puts the next request into the buffer, which is empty.
    fn ask(&mut self, request: &mut Vec<u8>);

    /// Takes the answer to it. Returns how many it counts for.
    ///
    /// # Errors
    /// The answer is not what was asked for: the round is worth nothing.
    fn answered(&mut self, answer: &Answer<'_>) -> Result<u64>;
}

/// What a round brought.
pub(super) struct Round {
    /// What the answers count for.
    pub(super) counted: u64,
    /// From the first request to the last answer.
    pub(super) took: Duration,
    /// How long each answer took. With more than one connection on a thread an answer may have lain there for a while.
    pub(super) latencies: Vec<Duration>,
}

impl Round {
    pub(super) fn per_second(&self) -> f64 {
        self.counted as f64 / self.took.as_secs_f64()
    }
}

/// Opens one connection for each talk and lets them talk for so long, spread over so many threads. What is in flight at the end is
/// waited for and counted, and its time too.
///
/// # Errors
/// A connection breaks or an answer is wrong.
pub(super) fn run<T: Talk>(address: SocketAddr, talks: &mut [T], threads: usize, length: Duration) -> Result<Round> {
    let per_thread = talks.len().div_ceil(threads.max(1)).max(1);
    let barrier = Barrier::new(talks.len().div_ceil(per_thread));
    let rounds: Vec<Result<(Round, Instant, Instant)>> = thread::scope(|scope| {
        let barrier = &barrier;
        let workers: Vec<_> = talks
            .chunks_mut(per_thread)
            .map(|talks| scope.spawn(move || work(address, talks, barrier, length)))
            .collect();
        workers
            .into_iter()
            .map(|worker| {
                worker.join().unwrap_or_else(|_| Err(Failure::new("a thread of the load generator panicked")))
            })
            .collect()
    });
    let mut whole = Round { counted: 0, took: Duration::ZERO, latencies: Vec::new() };
    let mut bounds: Option<(Instant, Instant)> = None;
    for round in rounds {
        let (round, began, ended) = round?;
        whole.counted += round.counted;
        whole.latencies.extend(round.latencies);
        bounds = Some(bounds.map_or((began, ended), |(first, last)| (first.min(began), last.max(ended))));
    }
    whole.took = bounds.map_or(Duration::ZERO, |(first, last)| last - first);
    Ok(whole)
}

struct Line<'a, T> {
    connection: Connection,
    talk: &'a mut T,
    sent_at: Instant,
}

fn work<T: Talk>(
    address: SocketAddr,
    talks: &mut [T],
    barrier: &Barrier,
    length: Duration,
) -> Result<(Round, Instant, Instant)> {
    let now = Instant::now();
    let lines: io::Result<Vec<_>> =
        talks.iter_mut().map(|talk| Ok(Line { connection: Connection::open(address)?, talk, sent_at: now })).collect();
    // Everybody gets here, whatever happened, or the others would wait for ever.
    barrier.wait();
    let broken = |error: io::Error| Failure::new(format!("a connection of the load generator broke: {error}"));
    let mut lines = lines.map_err(broken)?;

    let mut round = Round { counted: 0, took: Duration::ZERO, latencies: Vec::new() };
    let began = Instant::now();
    let mut request = Vec::new();
    let mut send = |line: &mut Line<'_, T>| {
        request.clear();
        line.talk.ask(&mut request);
        line.sent_at = Instant::now();
        line.connection.send(&request).map_err(broken)
    };
    for line in &mut lines {
        send(line)?;
    }
    while !lines.is_empty() {
        let mut ended = Vec::new();
        for (index, line) in lines.iter_mut().enumerate() {
            let answer = line.connection.receive().map_err(broken)?;
            round.latencies.push(line.sent_at.elapsed());
            round.counted += line.talk.answered(&answer)?;
            if began.elapsed() < length {
                send(line)?;
            } else {
                ended.push(index);
            }
        }
        for index in ended.into_iter().rev() {
            lines.swap_remove(index);
        }
    }
    Ok((round, began, Instant::now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::http::request;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    struct Counting {
        asked: u64,
        answers: u64,
    }

    impl Talk for Counting {
        fn ask(&mut self, buffer: &mut Vec<u8>) {
            self.asked += 1;
            buffer.extend_from_slice(&request("GET", "/", &[], None));
        }

        fn answered(&mut self, answer: &Answer<'_>) -> Result<u64> {
            self.answers += 1;
            if answer.status == 200 { Ok(2) } else { Err(Failure::new("not 200")) }
        }
    }

    /// A server that answers whatever comes on each connection with this status.
    fn server(status: &'static str) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a visitor");
                thread::spawn(move || {
                    let mut buffer = [0_u8; 1024];
                    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                        if stream.write_all(answer.as_bytes()).is_err() {
                            break;
                        }
                    }
                });
            }
        });
        address
    }

    #[test]
    fn every_request_is_answered_and_counted() {
        let mut talks: Vec<Counting> = (0..5).map(|_| Counting { asked: 0, answers: 0 }).collect();
        let round = run(server("200 OK"), &mut talks, 2, Duration::from_millis(50)).expect("it runs");
        let answers: u64 = talks.iter().map(|talk| talk.answers).sum();
        assert!(talks.iter().all(|talk| talk.answers > 0 && talk.asked == talk.answers));
        assert_eq!(round.counted, 2 * answers);
        assert_eq!(round.latencies.len() as u64, answers);
        assert!(round.took >= Duration::from_millis(50) && round.per_second() > 0.0);
    }

    #[test]
    fn a_refusal_ends_the_round_instead_of_counting_as_speed() {
        let mut talks = [Counting { asked: 0, answers: 0 }];
        assert!(run(server("503 Service Unavailable"), &mut talks, 1, Duration::from_millis(50)).is_err());
    }
}
