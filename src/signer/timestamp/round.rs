//! One token: addresses in turn, round after round.

use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::Instant;

use super::{StampFailure, Timestamp, TimestampClient, TimestampError};
use crate::clock::Time;
use crate::crypto::Digest;
use crate::fetch::{Limits, Post, shown};
use crate::tsp::{Nonce, Request, Response};

/// Seconds that the moment of a token and the clock here may be apart: what the judgement of documents allows for clocks.
const MAX_APART: i64 = crate::revocation::CLOCK_SKEW;

/// Asks until there is a token, or no time, round or address is left. Whatever holds it up, it ends with the budget.
pub(super) async fn ask(client: &TimestampClient, imprint: Digest) -> Result<Timestamp, TimestampError> {
    let mut worst = TimestampError { failure: StampFailure::NoAddress, address: None };
    let timestamp = tokio::time::timeout(client.settings.budget, rounds(client, imprint, &mut worst)).await;
    match timestamp {
        Ok(Some(timestamp)) => Ok(timestamp),
        Ok(None) => Err(worst),
        Err(_) if StampFailure::OutOfTime.rank() >= worst.failure.rank() => {
            Err(TimestampError { failure: StampFailure::OutOfTime, ..worst })
        }
        Err(_) => Err(worst),
    }
}

/// Round after round; without a token, `worst` says why.
async fn rounds(client: &TimestampClient, imprint: Digest, worst: &mut TimestampError) -> Option<Timestamp> {
    let settings = &client.settings;
    let deadline = Instant::now() + settings.budget;
    let mut addresses: Vec<&Arc<str>> = settings.addresses.iter().collect();
    let mut wait = settings.first_wait;
    for round in 0..settings.rounds {
        if round > 0 {
            if addresses.is_empty() || Instant::now() + wait >= deadline {
                break;
            }
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2);
        }
        let mut again = Vec::with_capacity(addresses.len());
        for (position, &address) in addresses.iter().enumerate() {
            let left = u32::try_from(addresses.len() - position).unwrap_or(u32::MAX);
            let share = deadline.saturating_duration_since(Instant::now()) / left;
            match ask_one(client, imprint, address, share.min(settings.exchange)).await {
                Ok(timestamp) => return Some(timestamp),
                Err(failure) => {
                    if !failure.is_final() {
                        again.push(address);
                    }
                    note(worst, failure, address);
                }
            }
        }
        addresses = again;
    }
    None
}

fn note(worst: &mut TimestampError, failure: StampFailure, address: &Arc<str>) {
    let shown = shown(address);
    if failure == StampFailure::BreakerOpen {
        // That it opened was said, and every signature would say it again.
        tracing::debug!(address = %shown, "timestamp authority not asked");
    } else {
        tracing::warn!(address = %shown, error = %failure, "no timestamp");
    }
    if failure.rank() >= worst.failure.rank() {
        *worst = TimestampError { failure, address: Some(Arc::clone(address)) };
    }
}

async fn ask_one(
    client: &TimestampClient,
    imprint: Digest,
    address: &Arc<str>,
    share: Duration,
) -> Result<Timestamp, StampFailure> {
    if share.is_zero() {
        return Err(StampFailure::OutOfTime);
    }
    let permit = client.breakers.permit(address, client.clock.now()).ok_or(StampFailure::BreakerOpen)?;
    let outcome = exchange(client, imprint, address, share).await;
    match &outcome {
        Err(failure) if failure.speaks_against_address() => {
            if permit.failed(&*client.clock) {
                tracing::warn!(address = %shown(address), "timestamp authority left alone for a while");
            }
        }
        _ => permit.succeeded(),
    }
    outcome
}

async fn exchange(
    client: &TimestampClient,
    imprint: Digest,
    address: &Arc<str>,
    share: Duration,
) -> Result<Timestamp, StampFailure> {
    let mut octets = [0; 8];
    SystemRandom::new().fill(&mut octets).map_err(|_| StampFailure::NoRandomness)?;
    let request = Request::new(imprint, Nonce::new(octets)).under(client.settings.policy);
    let post = Post { content_type: Request::MEDIA_TYPE, accept: Request::RESPONSE_MEDIA_TYPE, body: request.to_der() };
    let limits = Limits { total: share.min(Limits::RESPONSE.total), ..Limits::RESPONSE };
    let body = match tokio::time::timeout(share, client.fetch.post(address, post, limits)).await {
        Ok(body) => body?,
        Err(_) => return Err(StampFailure::OutOfTime),
    };
    // Half a millisecond for GOST. On a thread for what blocks it could wait for ever: those that sign hold such threads
    // while they wait for this.
    judge(&request, &body, client.clock.now(), Arc::clone(address))
}

/// Whether these bytes answer the request with a token that holds.
fn judge(request: &Request, body: &[u8], now: Time, address: Arc<str>) -> Result<Timestamp, StampFailure> {
    let response = Response::read(body).map_err(|error| StampFailure::Malformed(error.to_string()))?;
    let token = request.check(&response)?;
    let verified = token.verify()?;
    if token.gen_time.seconds_since(now).abs() > MAX_APART {
        return Err(StampFailure::Clock { stated: token.gen_time, now });
    }
    let (gen_time, authority) = (token.gen_time, verified.certificate().clone());
    let token = response.token_bytes.ok_or_else(|| StampFailure::Malformed("no token".to_owned()))?;
    Ok(Timestamp { token, gen_time, authority, address })
}
