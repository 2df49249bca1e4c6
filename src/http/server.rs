//! The listener: accepts connections within limits, speaks TLS where it is configured, HTTP/1.1 and HTTP/2, drains at
//! shutdown.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::app::{App, Behind};
use super::bare::{Worded, last_answer};
use super::connections::{Connections, Full, Place};
use super::patience::Patient;
use super::problem::Problem;
use crate::access::tls::Tls;
use crate::access::{Peer, PeerCertificate};
use crate::config::{Config, Http};

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
/// Time in which a connection may say goodbye that is idle or whose place is needed.
const PARTING: Duration = Duration::from_millis(500);
/// Longest time in which a peer takes nothing of an answer that is sent to it.
const MAX_STALL: Duration = Duration::from_secs(30);
/// Pause after an error of accepting that is not the peer's, as when there are no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound listener with the application behind it.
#[derive(Debug)]
pub struct Server {
    app: App,
    listener: TcpListener,
}

impl Server {
    /// Binds the configured address; connections queue up from now on and are served by [`Server::run`].
    ///
    /// # Errors
    /// That of binding: the port is taken, the address is not ours.
    pub async fn bind(config: &Config, behind: Behind) -> std::io::Result<Self> {
        let listener = TcpListener::bind(config.http.listen).await?;
        Ok(Self { app: App::new(config, behind), listener })
    }

    /// The address bound, with the real port when 0 was asked for.
    ///
    /// # Errors
    /// That of the operating system.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` completes, then lets running requests end within the configured grace, and after them, as
    /// long again, what they began and must not leave half done.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { app, listener } = self;
        let limits = app.limits();
        let connections = Connections::new(limits.connections, limits.connections_per_address);
        let (stop, stopped) = watch::channel(false);
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let entered = tokio::select! {
                entered = enter(&app, &listener, &connections) => entered,
                () = &mut shutdown => break,
            };
            if let Some((stream, peer, place)) = entered {
                tokio::spawn(serve_connection(app.clone(), stream, peer, place, stopped.clone()));
            }
        }
        app.drain();
        drop(listener);
        tracing::info!(connections = connections.count(), "shutting down");
        // Somebody listens as long as there are connections.
        let _ = stop.send(true);
        let grace = app.limits().shutdown_grace;
        if tokio::time::timeout(grace, connections.all_gone()).await.is_err() {
            tracing::warn!("some requests did not end within the grace period and are cut off");
        }
        if tokio::time::timeout(grace, app.acts().over()).await.is_err() {
            let left = app.acts().count();
            tracing::error!(left, "signatures were still being made when the grace period ended; ask again for them");
        }
    }
}

/// Binds and serves until `shutdown` completes.
///
/// # Errors
/// As [`Server::bind`].
pub async fn serve(config: &Config, behind: Behind, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
    let server = Server::bind(config, behind).await?;
    tracing::info!(address = %server.local_addr()?, "listening");
    server.run(shutdown).await;
    Ok(())
}

/// Completes at SIGTERM or SIGINT (elsewhere: Ctrl-C).
///
/// # Errors
/// None; when a signal cannot be listened to, that is logged and it is waited for the others.
pub async fn shutdown_signal() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "cannot listen to the interrupt signal");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot listen to the terminate signal");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

/// The next connection with its place, if it got one.
async fn enter(app: &App, listener: &TcpListener, connections: &Connections) -> Option<(TcpStream, Peer, Place)> {
    let (stream, address) = accept(listener).await?;
    let peer = Peer { address: address.ip().to_canonical(), certificate: None };
    loop {
        let freed = connections.freed();
        match connections.enter(peer.address) {
            Ok((place, evicted)) => {
                if evicted {
                    app.metrics().connection_ended("evicted");
                }
                return Some((stream, peer, place));
            }
            // Each has a request under way: the newcomer waits, and those behind it in the queue of the system.
            Err(Full::Everywhere) => freed.await,
            Err(Full::Neighbour) => {
                app.metrics().connection_ended("refused");
                turn_away(stream, app.access().tls().is_some());
                return None;
            }
        }
    }
}

async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, address)) => {
            // Answers are written in one piece: waiting for more would only delay them.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY");
            }
            Some((stream, address))
        }
        Err(error) => {
            let of_the_peer = matches!(
                error.kind(),
                std::io::ErrorKind::ConnectionAborted
                    | std::io::ErrorKind::ConnectionReset
                    | std::io::ErrorKind::ConnectionRefused
            );
            if !of_the_peer {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

/// Tells a peer that there is no room, without waiting for it; where it expects TLS, by hanging up.
fn turn_away(stream: TcpStream, is_tls: bool) {
    use std::io::Write as _;
    if let (false, Ok(mut stream)) = (is_tls, stream.into_std()) {
        // The buffer of a new connection takes it at once; if not, hanging up says enough.
        let _sent = stream.write(&last_answer(&Problem::too_many_connections()));
        let _closed = stream.shutdown(std::net::Shutdown::Write);
    }
}

async fn serve_connection(app: App, stream: TcpStream, mut peer: Peer, place: Place, mut stop: Stop) {
    let guard_app = app.clone();
    let _open = guard_app.metrics().connection_open();
    // Below TLS, which takes what is written at once and keeps it.
    let stream = Patient::new(stream, MAX_STALL);
    let Some(tls) = guard_app.access().tls() else {
        return serve_stream(app, stream, peer, &place, stop).await;
    };
    let shaken = tokio::select! {
        shaken = shake_hands(tls, stream) => shaken,
        () = place.line().told_to_leave() => return,
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
    let (head_timeout, keep_alive) = (app.limits().header_read_timeout, app.limits().keep_alive_timeout);
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
                let _busy = busy;
                Ok::<_, Infallible>(app.respond(request).await)
            }
        })
    };
    let builder = builder(guard_app.limits());
    let stream = Worded::new(stream, Arc::clone(line));
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let mut connection = std::pin::pin!(connection);
    // While hyper finds out the version of the protocol it applies no time-out of its own: a peer that sends nothing,
    // or only the first letters of the HTTP/2 preface, would hold the connection for ever.
    let silent_until = Instant::now() + head_timeout;
    let mut look = std::pin::pin!(tokio::time::sleep(head_timeout.min(keep_alive)));
    loop {
        tokio::select! {
            result = &mut connection => return log_end(result),
            () = line.told_to_leave() => break,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                return log_end(connection.await);
            }
            () = &mut look => {
                let now = Instant::now();
                let idle = line.idle_for();
                if !line.is_served() && now >= silent_until {
                    return guard_app.metrics().connection_ended("silent");
                }
                if line.is_served() && idle >= keep_alive {
                    guard_app.metrics().connection_ended("idle");
                    break;
                }
                let next = if line.is_served() { now + keep_alive.saturating_sub(idle) } else { silent_until };
                look.as_mut().reset(next);
            }
        }
    }
    connection.as_mut().graceful_shutdown();
    if let Ok(result) = tokio::time::timeout(PARTING, connection).await {
        log_end(result);
    }
}

/// Told when the server is to stop.
type Stop = watch::Receiver<bool>;

/// Completes when the server is to stop, or is no more.
async fn stopped(stop: &mut Stop) {
    // Without a server nobody is left to serve for.
    let _gone = stop.wait_for(|stop| *stop).await;
}

fn builder(limits: &Http) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
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
