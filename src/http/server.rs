//! The listener: accepts connections within limits, speaks TLS where it is configured, HTTP/1.1 and HTTP/2, drains at
//! shutdown.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::app::{App, Behind};
use super::patience::Patient;
use crate::access::tls::Tls;
use crate::access::{Peer, PeerCertificate};
use crate::config::Config;

/// Bytes of a request's head: far above what clients send, far below what hurts.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Header fields of a request.
const MAX_HEADERS: usize = 64;
/// Requests at once on one HTTP/2 connection; the usual value of servers.
const MAX_STREAMS: u32 = 128;
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

    /// Serves until `shutdown` completes, then lets running requests end within the configured grace.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { app, listener } = self;
        let connections = Arc::new(Semaphore::new(app.limits().connections));
        let graceful = GracefulShutdown::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &connections) => accepted,
                () = &mut shutdown => break,
            };
            if let Some((stream, address, permit)) = accepted {
                tokio::spawn(serve_connection(app.clone(), stream, address, graceful.watcher(), permit));
            }
        }
        app.drain();
        drop(listener);
        let open = graceful.count();
        tracing::info!(connections = open, "shutting down");
        if tokio::time::timeout(app.limits().shutdown_grace, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end within the grace period and are cut off");
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

/// The next connection, once there is room for one more.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Answers are written in one piece: waiting for more would only delay them.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY");
            }
            Some((stream, address, permit))
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

async fn serve_connection(
    app: App,
    stream: TcpStream,
    address: SocketAddr,
    watcher: Watcher,
    permit: OwnedSemaphorePermit,
) {
    let _permit = permit;
    let guard_app = app.clone();
    let _open = guard_app.metrics().connection_open();
    let mut peer = Peer { address: address.ip().to_canonical(), certificate: None };
    // Below TLS, which takes what is written at once and keeps it.
    let stream = Patient::new(stream, MAX_STALL);
    let Some(tls) = guard_app.access().tls() else {
        return serve_stream(app, stream, peer, watcher).await;
    };
    match shake_hands(tls, stream).await {
        Ok((stream, certificate)) => {
            peer.certificate = certificate;
            serve_stream(app, stream, peer, watcher).await;
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

async fn serve_stream<S>(app: App, stream: S, peer: Peer, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let timeout = app.limits().header_read_timeout;
    let served = Arc::new(AtomicBool::new(false));
    // Nobody asks for it where everybody may call.
    let peer = app.access().is_controlled().then(|| Arc::new(peer));
    let service = {
        let served = Arc::clone(&served);
        service_fn(move |request: Request<Incoming>| {
            served.store(true, Ordering::Relaxed);
            let (app, mut request) = (app.clone(), request.map(Body::new));
            if let Some(peer) = &peer {
                request.extensions_mut().insert(Arc::clone(peer));
            }
            async move { Ok::<_, Infallible>(app.respond(request).await) }
        })
    };
    let builder = builder(timeout);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let mut connection = std::pin::pin!(watcher.watch(connection));
    // While hyper finds out the version of the protocol it applies no time-out of its own: a peer that sends nothing,
    // or only the first letters of the HTTP/2 preface, would hold the connection for ever.
    tokio::select! {
        result = &mut connection => return log_end(result),
        () = tokio::time::sleep(timeout) => {}
    }
    if served.load(Ordering::Relaxed) {
        log_end(connection.await);
    }
}

fn builder(header_read_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_read_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(header_read_timeout)
        .keep_alive_timeout(header_read_timeout);
    builder
}

fn log_end(result: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
