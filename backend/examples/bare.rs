//! The baseline of the benchmark: an actix route that does nothing but return the bytes of a file, with the server's own settings.
//!
//! `bare FILE ADDRESS:PORT` serves on every path until it is ended.

use actix_web::{App, HttpResponse, HttpServer, rt::System, web};
use std::{env, fs, io, net::SocketAddr, thread, time::Duration};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, address] = arguments.as_slice() else {
        return Err(io::Error::other("usage: bare FILE ADDRESS:PORT"));
    };
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let bytes = web::Bytes::from(fs::read(file)?);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    System::new().block_on(
        HttpServer::new(move || {
            let bytes = bytes.clone();
            // Without a copy, as nothing could be quicker.
            let answer = move || {
                let bytes = bytes.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(bytes) }
            };
            App::new().default_service(web::to(answer))
        })
        .workers(workers)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(15))
        .disable_signals()
        .bind(address)?
        .run(),
    )
}
