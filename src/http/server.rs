//! The listener: accepts connections within limits, drains at shutdown.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::app::{App, Behind};
use super::bare::last_answer;
use super::connections::{Connections, Place};
use super::fairness::InRounds as _;
use super::problem::Problem;
use super::serving::{Stop, serve_connection};
use crate::access::Peer;
use crate::config::Config;

/// Pause after an error of accepting that is not the peer's, as when there are no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Newcomers that the system keeps for us, if it is set to keep so many (`net.core.somaxconn`): with the 128 that the library
/// asks for, a storm of connections made it drop those of others, who try again after a second.
const WAITING: u32 = 4096;

/// Connections that are accepted in one turn at the door: some tens of microseconds each where another has to go for it.
const IN_ONE_TURN: usize = 8;

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
        let listener = listen(config.http.listen)?;
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
        let connections = Connections::new(limits.connections, limits.connections_per_address, limits.stall_timeout);
        let (stop, stopped) = watch::channel(false);
        // By the threads that serve: one of its own would take a core from them for as long as the system lets it.
        // Ends with this, whatever becomes of it.
        let mut accepting = JoinSet::new();
        accepting.spawn(accept_all(app.clone(), listener, connections.clone(), stopped));
        tokio::select! {
            // A defect of ours: whoever watches this process starts it again, rather than that nobody gets in any more.
            ended = accepting.join_next() => tracing::error!(?ended, "accepting connections has ended"),
            () = shutdown => {}
        }
        app.drain();
        // The listener is closed with it.
        accepting.shutdown().await;
        tracing::info!(connections = connections.count(), "shutting down");
        // Somebody listens as long as there are connections.
        let _ = stop.send(true);
        let grace = app.limits().shutdown_grace;
        if tokio::time::timeout(grace, connections.all_gone()).await.is_err() {
            tracing::warn!("some requests did not end within the grace period and are cut off");
        }
        // Requests that were cut off may still be answered as long as this process lives, and must not begin anything now.
        app.acts().close();
        if tokio::time::timeout(grace, app.acts().over()).await.is_err() {
            let left = app.acts().count();
            tracing::error!(left, "signatures were still being made when the grace period ended; ask again for them");
        }
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Else the port of a service that has just ended could not be had for a minute.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
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

/// Lets connections in and has them served, each newcomer in its turn at the door: those that are there go on meanwhile, and nobody
/// is let in faster than others can leave.
async fn accept_all(app: App, listener: TcpListener, connections: Connections, stop: Stop) -> Infallible {
    loop {
        connections.door().pace(std::future::ready(())).await;
        for _ in 0..IN_ONE_TURN {
            if let Some((stream, peer, place)) = enter(&app, &listener, &connections).await {
                let line = Arc::clone(place.line());
                tokio::spawn(line.pace(serve_connection(app.clone(), stream, peer, place, stop.clone())));
            }
        }
    }
}

/// The next connection with its place, if it got one.
async fn enter(app: &App, listener: &TcpListener, connections: &Connections) -> Option<(TcpStream, Peer, Place)> {
    let (stream, address) = accept(listener).await?;
    let peer = Peer { address: address.ip().to_canonical(), certificate: None };
    // Where each has a request under way the newcomer waits, and those behind it in the queue of the system.
    let Ok((place, evicted)) = connections.enter_when_free(peer.address).await else {
        app.metrics().connection_ended("refused");
        turn_away(stream, app.access().tls().is_some());
        return None;
    };
    if evicted {
        app.metrics().connection_ended("evicted");
    }
    Some((stream, peer, place))
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
