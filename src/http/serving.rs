//! One connection: TLS where it is configured, then requests in HTTP/1.1 or HTTP/2 until either end has had enough.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::app::App;
use super::bare::Words;
use super::connections::{Farewell, Haste, Line, Place};
use super::patience::Patience;
use super::portions::Portions;
use super::streams::Streams;
use super::through::Through;
use crate::access::tls::Tls;
use crate::access::{Peer, PeerCertificate};
use crate::config::Http;

/// Bytes of a request's head: far above what clients send, far below what hurts.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Header fields of a request that are read; what is answered is less (`app`).
const MAX_HEADERS: usize = 128;
/// Streams that a peer opened and reset before we took them; with one more the connection ends. It is what makes rapid resets
/// (CVE-2023-44487) no cheaper than requests.
const MAX_RESETS: usize = 20;
/// Streams of a connection that we reset for errors of the peer; with one more the connection ends.
const MAX_LOCAL_RESETS: usize = 64;
/// Octets of bodies that a peer may send before we read them: on one stream, and on all of a connection together.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Octets of an answer that are kept for a stream whose peer does not take them.
const SEND_BUFFER: usize = 128 * 1024;
/// Time in which a connection may say goodbye that is idle or whose place is needed, or at a shutdown; one with a request under way
/// has until that is answered.
const PARTING: Duration = Duration::from_millis(500);

/// Serves a connection until it ends.
pub(super) async fn serve_connection(app: App, stream: TcpStream, mut peer: Peer, place: Place, mut stop: Stop) {
    let guard_app = app.clone();
    let _open = guard_app.metrics().connection_open();
    // Below TLS, which takes what is written at once and keeps it.
    let stream = Through::new(stream, Patience::of(app.limits().stall_timeout));
    let stream = Through::new(stream, Portions::default());
    let Some(tls) = guard_app.access().tls() else {
        return serve_stream(app, stream, peer, &place, stop).await;
    };
    let shaken = tokio::select! {
        shaken = shake_hands(tls, stream) => shaken,
        _ = place.line().told_to_leave() => return,
        () = stopped(&mut stop) => return,
    };
    match shaken {
        Ok((stream, certificate)) => {
            peer.certificate = certificate;
            serve_stream(app, stream, peer, &place, stop).await;
        }
        Err(cause) => {
            // Scanners and balancers do this all day: no line each.
            tracing::debug!(cause, "a connection ended before its handshake did");
            guard_app.metrics().tls_handshake_failed(cause);
        }
    }
}

/// The handshake, and the certificate that the peer showed in it; else the cause, as metrics name it.
async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(
    tls: &Tls,
    stream: S,
) -> Result<(TlsStream<S>, Option<PeerCertificate>), &'static str> {
    let (config, reading) = tls.server();
    let handshake = TlsAcceptor::from(config).accept(stream);
    let shaken = tokio::time::timeout(tls.handshake_timeout(), handshake).await.map_err(|_elapsed| "timeout")?;
    let stream = shaken.map_err(|error| match error.get_ref().and_then(|error| error.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => "client-certificate",
        Some(rustls::Error::NoCertificatesPresented) => "no-client-certificate",
        Some(_) => "protocol",
        None => "closed",
    })?;
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certificate = PeerCertificate::of(shown, reading).map_err(|_unreadable| "client-certificate")?;
    Ok((stream, certificate))
}

async fn serve_stream<S>(app: App, stream: S, peer: Peer, place: &Place, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = app.limits();
    let (head_timeout, keep_alive, stall) =
        (limits.header_read_timeout, limits.keep_alive_timeout, limits.stall_timeout);
    let guard_app = app.clone();
    let line = place.line();
    let peer = Arc::new(peer);
    let service = {
        let line = Arc::clone(line);
        service_fn(move |request: Request<Incoming>| {
            let busy = line.begin();
            let (app, mut request) = (app.clone(), request.map(Body::new));
            request.extensions_mut().insert(Arc::clone(&peer));
            async move {
                Ok::<_, Infallible>(match busy {
                    Some(busy) => app.respond_over(Some(busy), request).await,
                    None => app.too_late(&request),
                })
            }
        })
    };
    let builder = builder(guard_app.limits(), line);
    let stream = Through::new(stream, Words::of(Arc::clone(line)));
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let mut connection = std::pin::pin!(connection);
    // While hyper finds out the version of the protocol it applies no time-out of its own: a peer that sends nothing,
    // or only the first letters of the HTTP/2 preface, would hold the connection for ever.
    let silent_until = Instant::now() + head_timeout;
    let mut look = std::pin::pin!(tokio::time::sleep(head_timeout.min(keep_alive).min(stall)));
    // Until when it may say goodbye, once it is to.
    let mut parting = None;
    loop {
        let leaves = tokio::select! {
            result = &mut connection => return log_end(result),
            farewell = line.told_to_leave() => match farewell {
                Farewell::Polite => true,
                Farewell::AtOnce => return,
                Farewell::Stalled => return guard_app.metrics().connection_ended("stalled"),
            },
            () = stopped(&mut stop), if parting.is_none() => true,
            () = &mut look => false,
        };
        let now = Instant::now();
        // What writes an answer asks for no more of it while the peer takes none, so that no answer can tell by itself.
        if line.ends_stalled(Haste::Usual) {
            return guard_app.metrics().connection_ended("stalled");
        }
        let idle = line.idle_for();
        let next = match parting {
            Some(until) if now >= until && line.is_idle() => return,
            Some(until) if now >= until => now + PARTING,
            Some(until) => until,
            None if !leaves && !line.is_served() && now >= silent_until => {
                return guard_app.metrics().connection_ended("silent");
            }
            None if leaves || (line.is_served() && idle >= keep_alive) => {
                if !leaves {
                    guard_app.metrics().connection_ended("idle");
                }
                connection.as_mut().graceful_shutdown();
                *parting.insert(now + PARTING)
            }
            None if line.is_served() => now + keep_alive.saturating_sub(idle),
            None => silent_until,
        };
        // An answer that was ended a moment ago may still be there.
        let patience = stall.saturating_sub(line.behind()).max(stall.min(PARTING));
        look.as_mut().reset(next.min(now + patience));
    }
}

/// Told when the server is to stop.
pub(super) type Stop = watch::Receiver<bool>;

/// Completes when the server is to stop, or is no more.
async fn stopped(stop: &mut Stop) {
    // Without a server nobody is left to serve for.
    let _gone = stop.wait_for(|stop| *stop).await;
}

fn builder(limits: &Http, line: &Arc<Line>) -> Builder<Streams> {
    let mut builder = Builder::new(Streams::of(Arc::clone(line)));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_LOCAL_RESETS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.header_read_timeout)
        .keep_alive_timeout(limits.header_read_timeout);
    builder
}

fn log_end(result: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
