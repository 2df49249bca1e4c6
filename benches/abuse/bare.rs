//! The least that a server can be, for what a storm of connections costs anybody: it takes each in, hangs up on the oldest where
//! there are too many, and gives everybody the same answer. It knows whom not to hang up on.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

/// As many as the service takes unless it is told otherwise, and as many newcomers in the queue of the system.
const PLACES: usize = 4096;
const WAITING: u32 = 4096;

/// Serves until somebody ends this process.
pub fn run(address: SocketAddr) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    let served = runtime.block_on(async { tokio::spawn(serve(address)).await });
    served.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

async fn serve(address: SocketAddr) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(WAITING)?;
    let mut open = VecDeque::new();
    loop {
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let serving = tokio::spawn(async move {
            // Whoever hangs up in the middle of something is none of our business.
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
        });
        if peer.ip() == Ipv4Addr::LOCALHOST {
            continue;
        }
        open.push_back(serving);
        if open.len() > PLACES
            && let Some(oldest) = open.pop_front()
        {
            oldest.abort();
        }
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // The connection goes on when all of it is read.
    let _read = request.into_body().collect().await;
    Ok(Response::new(Full::from("{}")))
}
