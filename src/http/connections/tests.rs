use futures_util::FutureExt as _;

use super::*;
use crate::http::fairness::{InRounds as _, Taken};

const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

const PATIENCE: Duration = Duration::from_secs(30);

fn open_places(total: usize, per_neighbour: usize) -> Connections {
    Connections::new(total, per_neighbour, PATIENCE)
}

fn farewell(place: &Place) -> Option<Farewell> {
    place.line().told_to_leave().now_or_never()
}

fn is_told(place: &Place) -> bool {
    farewell(place).is_some()
}

/// A connection that has been used before.
fn used(connections: &Connections, address: IpAddr) -> Place {
    let (place, _) = connections.enter(address).unwrap();
    drop(place.line().begin().unwrap());
    place
}

/// An address of a /64 of its own in a /48 of its own, or in one of a common /48.
fn spread(number: u16, common: bool) -> IpAddr {
    let (site, subscriber) = if common { (0xffff, number) } else { (number, 0) };
    std::net::Ipv6Addr::new(0x2001, 0xdb8, site, subscriber, 0, 0, 0, 1).into()
}

async fn pause() {
    tokio::time::advance(Duration::from_millis(5)).await;
}

#[tokio::test(start_paused = true)]
async fn the_longest_idle_of_whoever_has_the_most_makes_room() {
    let connections = open_places(4, 4);
    let other = used(&connections, FAR);
    let mut held = Vec::new();
    for _ in 0..3 {
        pause().await;
        held.push(used(&connections, NEAR));
    }
    pause().await;
    drop(held[0].line().begin());
    let (_newcomer, evicted) = connections.enter(FAR).unwrap();
    assert!(evicted);
    assert_eq!(held.iter().map(is_told).collect::<Vec<_>>(), [false, true, false]);
    assert!(!is_told(&other));
}

#[tokio::test(start_paused = true)]
async fn silent_connections_leave_before_those_that_were_used_wherever_they_come_from() {
    for common in [false, true] {
        let connections = open_places(100, 100);
        let honest: Vec<_> = (0..10).map(|_| used(&connections, NEAR)).collect();
        let crowd: Vec<_> = (0..90).map(|number| connections.enter(spread(number, common)).unwrap().0).collect();
        tokio::time::advance(GRACE).await;
        let newcomers: Vec<_> = (0..30).map(|_| connections.enter(FAR).unwrap().0).collect();
        assert!(!honest.iter().any(is_told) && !newcomers.iter().any(is_told));
        assert!(crowd[..30].iter().all(is_told) && !crowd[30..].iter().any(is_told), "the oldest first");
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_comes_within_a_millisecond_a_silent_connection_leaves_before_one_that_is_used() {
    for silent in [NEAR, FAR] {
        let connections = open_places(3, 3);
        let kept = used(&connections, FAR);
        let mut crowd = Vec::new();
        for _ in 0..40 {
            crowd.push(connections.enter(silent).unwrap().0);
            drop(kept.line().begin().expect("it goes on"));
        }
        assert!(!is_told(&kept));
        assert_eq!(crowd.iter().filter(|place| is_told(place)).count(), 38);
    }
}

#[tokio::test(start_paused = true)]
async fn newcomers_have_time_to_ask_and_do_not_push_each_other_out() {
    let connections = open_places(100, 100);
    let crowd: Vec<_> = (0..100).map(|number| used(&connections, spread(number, false))).collect();
    pause().await;
    let newcomers: Vec<_> = (200..250).map(|number| connections.enter(spread(number, false)).unwrap().0).collect();
    assert!(!newcomers.iter().any(is_told));
    assert_eq!(crowd.iter().filter(|place| is_told(place)).count(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_network_with_a_connection_from_each_of_its_neighbourhoods_is_the_largest() {
    let connections = open_places(60, 60);
    let honest: Vec<_> = (0..10).map(|_| used(&connections, NEAR)).collect();
    let crowd: Vec<_> = (0..50).map(|number| used(&connections, spread(number, true))).collect();
    pause().await;
    let newcomers: Vec<_> = (0..20).map(|_| used(&connections, FAR)).collect();
    assert!(!honest.iter().any(is_told));
    assert_eq!(crowd.iter().filter(|place| is_told(place)).count(), newcomers.len());
}

#[tokio::test(start_paused = true)]
async fn of_many_alone_the_one_that_has_been_idle_for_long_leaves_whatever_its_address() {
    let connections = open_places(20, 20);
    let mut places: Vec<_> = (0..20).map(|number| used(&connections, spread(number, false))).collect();
    for round in 0..100 {
        pause().await;
        for place in &places[..19] {
            drop(place.line().begin().unwrap());
        }
        let newcomer = used(&connections, spread(100 + round, false));
        assert!(is_told(&places[19]), "{round}");
        places[19] = newcomer;
    }
}

#[tokio::test]
async fn a_neighbour_with_all_its_places_loses_one_of_its_own() {
    let connections = open_places(100, 2);
    let (first, _) = connections.enter(NEAR).unwrap();
    let (other, _) = connections.enter(FAR).unwrap();
    let (second, evicted) = connections.enter(NEAR).unwrap();
    assert!(!evicted);
    let _busy = first.line().begin();
    let (third, evicted) = connections.enter(NEAR).unwrap();
    assert!(evicted && is_told(&second) && !is_told(&first) && !is_told(&other));
    let _busy_too = third.line().begin();
    assert_eq!(connections.enter(NEAR).unwrap_err(), Full::Neighbour);
    assert!(connections.enter(FAR).is_ok());
}

#[tokio::test]
async fn one_idle_connection_is_found_behind_any_number_of_busy_ones() {
    let connections = open_places(1000, 300);
    let places: Vec<_> = (0..300).map(|_| used(&connections, NEAR)).collect();
    let busy: Vec<_> = places[..299].iter().map(|place| place.line().begin().unwrap()).collect();
    assert!(connections.enter(NEAR).unwrap().1 && is_told(&places[299]));
    let connections = open_places(300, 300);
    let places: Vec<_> = (0..300).map(|_| used(&connections, NEAR)).collect();
    let more: Vec<_> = places[..299].iter().map(|place| place.line().begin().unwrap()).collect();
    assert!(connections.enter(FAR).unwrap().1 && is_told(&places[299]));
    drop((busy, more));
}

#[tokio::test]
async fn requests_under_way_are_never_cut_off_for_a_newcomer() {
    let connections = open_places(2, 2);
    let (first, _) = connections.enter(NEAR).unwrap();
    let (second, _) = connections.enter(FAR).unwrap();
    let busy = [first.line().begin(), second.line().begin()];
    let third: IpAddr = "::1".parse().unwrap();
    assert_eq!(connections.enter(third).unwrap_err(), Full::Everywhere);
    let entering = connections.enter_when_free(third);
    let mut entering = std::pin::pin!(entering);
    assert!(futures_util::poll!(&mut entering).is_pending());
    drop(second);
    assert!(entering.await.is_ok());
    drop(busy);
}

#[tokio::test]
async fn whoever_waits_for_a_place_gets_that_of_a_connection_whose_request_ends() {
    let connections = open_places(2, 2);
    let (first, _) = connections.enter(NEAR).unwrap();
    let (second, _) = connections.enter(NEAR).unwrap();
    let (busy, _still) = (first.line().begin().unwrap(), second.line().begin().unwrap());
    let entering = connections.enter_when_free(FAR);
    let mut entering = std::pin::pin!(entering);
    assert!(futures_util::poll!(&mut entering).is_pending());
    // Its connection stays: it is the request that is over.
    drop(busy);
    assert!(entering.await.unwrap().1 && is_told(&first));
}

#[tokio::test]
async fn nothing_begins_on_a_connection_that_was_told_to_leave() {
    let connections = open_places(1, 1);
    let (first, _) = connections.enter(NEAR).unwrap();
    drop(first.line().begin().unwrap());
    let (second, evicted) = connections.enter(FAR).unwrap();
    assert!(evicted && first.line().begin().is_none() && second.line().begin().is_some());
}

#[tokio::test(start_paused = true)]
async fn those_that_leave_keep_their_descriptors_in_mind_until_they_are_gone() {
    let connections = open_places(1000, 1000);
    let places: Vec<_> = (0..1000).map(|_| used(&connections, NEAR)).collect();
    pause().await;
    let mut newcomers: Vec<_> = (0..MAX_PARTING).map(|_| connections.enter(FAR).unwrap().0).collect();
    let farewells: Vec<_> = places.iter().filter_map(farewell).collect();
    assert_eq!(farewells.len(), MAX_PARTING);
    assert_eq!(farewells.iter().filter(|how| **how == Farewell::Polite).count(), MAX_POLITE);
    // None of them is gone, and no more descriptors can be had.
    assert_eq!(connections.enter(FAR).unwrap_err(), Full::Everywhere);
    assert_eq!(connections.count(), 1000 + MAX_PARTING);
    let entering = connections.enter_when_free(FAR);
    let mut entering = std::pin::pin!(entering);
    assert!(futures_util::poll!(&mut entering).is_pending());
    drop(places);
    newcomers.push(entering.await.unwrap().0);
    assert_eq!(connections.count(), newcomers.len());
    drop(newcomers);
    connections.all_gone().await;
    let open = connections.open();
    assert_eq!((open.count, open.parting, open.silent.len()), (0, 0, 0));
}

#[tokio::test]
async fn the_busy_connections_of_the_largest_do_not_keep_the_idle_ones_of_others_in_place() {
    let connections = open_places(3, 3);
    let (one, _) = connections.enter(NEAR).unwrap();
    let (two, _) = connections.enter(NEAR).unwrap();
    let _busy = [one.line().begin(), two.line().begin()];
    let idle = used(&connections, FAR);
    assert!(connections.enter("2001:db8::1".parse().unwrap()).is_ok());
    assert!(is_told(&idle));
}

#[tokio::test(start_paused = true)]
async fn idleness_begins_anew_with_the_end_of_a_request() {
    let connections = open_places(2, 2);
    let (place, _) = connections.enter(NEAR).unwrap();
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(place.line().idle_for(), Duration::from_secs(3));
    let busy = place.line().begin();
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(place.line().idle_for(), Duration::ZERO);
    drop(busy);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(place.line().idle_for(), Duration::from_secs(1));
}

/// So many octets as have to be taken in so many seconds.
fn seconds(seconds: usize) -> usize {
    seconds * 64 * 1024
}

#[tokio::test(start_paused = true)]
async fn the_answer_that_is_taken_least_is_the_one_that_counts() {
    let connections = open_places(2, 2);
    let (place, _) = connections.enter(NEAR).unwrap();
    let line = place.line();
    let (mut stalled, mut taken) = (line.begin().unwrap(), line.begin().unwrap());
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(line.behind(), Duration::ZERO, "nothing is answered yet");
    stalled.answering();
    taken.answering();
    tokio::time::advance(Duration::from_secs(20)).await;
    // Half of what one alone would have to be: they are two.
    taken.taken(seconds(8));
    assert_eq!(line.behind(), Duration::from_secs(20));
    drop(stalled);
    assert_eq!(line.behind(), Duration::from_secs(4));
    taken.taken(seconds(3));
    assert_eq!(line.behind(), Duration::from_secs(1));
    drop(taken);
    assert_eq!(line.behind(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn several_answers_at_once_may_each_be_slower_until_what_they_hold_is_needed() {
    let connections = open_places(2, 2);
    let (place, _) = connections.enter(NEAR).unwrap();
    let line = place.line();
    let mut answers: Vec<_> = (0..4).map(|_| line.begin().unwrap()).collect();
    answers.iter_mut().for_each(Busy::answering);
    for _ in 0..60 {
        // A quarter of a second's for each of the four, every second.
        tokio::time::advance(Duration::from_secs(1)).await;
        answers.iter().for_each(|answer| answer.taken(seconds(1) / 4));
        assert!(!line.ends_stalled(Haste::Usual));
    }
    assert!(line.ends_stalled(Haste::Needed));
}

#[tokio::test(start_paused = true)]
async fn a_connection_goes_on_while_anything_on_it_moves() {
    let connections = open_places(2, 2);
    let (place, _) = connections.enter(NEAR).unwrap();
    let line = place.line();
    let mut answers: Vec<_> = (0..2).map(|_| line.begin().unwrap()).collect();
    answers.iter_mut().for_each(Busy::answering);
    for _ in 0..60 {
        tokio::time::advance(Duration::from_secs(1)).await;
        answers[0].taken(seconds(1));
        assert!(!line.ends_stalled(Haste::Usual));
    }
    assert!(line.ends_stalled(Haste::Needed));
    tokio::time::advance(2 * PATIENCE).await;
    pause().await;
    assert!(line.ends_stalled(Haste::Usual), "now nothing does");
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_at_once_buys_no_more_time_than_anybody_has() {
    let connections = open_places(2, 2);
    let (place, _) = connections.enter(NEAR).unwrap();
    let line = place.line();
    let mut answer = line.begin().unwrap();
    answer.answering();
    answer.taken(seconds(3600));
    tokio::time::advance(2 * PATIENCE).await;
    assert!(!line.ends_stalled(Haste::Usual));
    pause().await;
    assert!(line.ends_stalled(Haste::Usual));
}

#[tokio::test(start_paused = true)]
async fn time_in_which_there_was_nothing_to_take_does_not_count() {
    let connections = open_places(2, 2);
    let (place, _) = connections.enter(NEAR).unwrap();
    let line = place.line();
    let mut answer = line.begin().unwrap();
    answer.answering();
    tokio::time::advance(PATIENCE).await;
    answer.excused(PATIENCE);
    assert_eq!(line.behind(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn whoever_needs_more_of_its_own_share_has_none_of_anybody_else_ended() {
    let connections = open_places(3, 3);
    let [one, other] = [NEAR, FAR].map(|address| used(&connections, address));
    let mut busy = [one.line().begin().unwrap(), other.line().begin().unwrap()];
    busy.iter_mut().for_each(Busy::answering);
    tokio::time::advance(PATIENCE / 2).await;
    busy[0].relieve(Taken::Share);
    assert_eq!((farewell(&one), farewell(&other)), (Some(Farewell::Stalled), None));
    // Nor does it keep others from it.
    busy[1].relieve(Taken::All);
    assert_eq!(farewell(&other), Some(Farewell::Stalled));
}

#[tokio::test(start_paused = true)]
async fn whoever_uses_the_most_connections_keeps_them_and_whoever_keeps_many_for_nothing_does_not() {
    let connections = open_places(13 * 29 + 30, 30);
    let crowd: Vec<_> = (0..13 * 29).map(|number| used(&connections, spread(number % 13, false))).collect();
    tokio::time::advance(Duration::from_secs(20)).await;
    let honest: Vec<_> = (0..30).map(|_| used(&connections, NEAR)).collect();
    let mut newcomers = Vec::new();
    for number in 0..50 {
        for place in &honest {
            drop(place.line().begin().unwrap());
        }
        tokio::time::advance(Duration::from_millis(1)).await;
        newcomers.push(connections.enter(spread(100 + number, false)).unwrap().0);
    }
    assert!(!honest.iter().any(is_told));
    assert_eq!(crowd.iter().filter(|place| is_told(place)).count(), newcomers.len());
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_no_answers_leaves_sooner_when_places_are_needed() {
    let connections = open_places(3, 3);
    let places: Vec<_> = (0..3).map(|_| used(&connections, NEAR)).collect();
    let mut busy: Vec<_> = places.iter().map(|place| place.line().begin().unwrap()).collect();
    busy[0].answering();
    busy[1].answering();
    tokio::time::advance(PATIENCE / HURRY).await;
    // The first takes some, the third is still at work.
    busy[0].taken(64 * 1024);
    pause().await;
    assert!(!places.iter().any(is_told), "nobody needs a place");
    let entering = connections.enter_when_free(FAR);
    let mut entering = std::pin::pin!(entering);
    assert!(futures_util::poll!(&mut entering).is_pending());
    assert_eq!(places.iter().map(farewell).collect::<Vec<_>>(), [None, Some(Farewell::Stalled), None]);
    // Later the first is too far behind as well, and is found without anybody's doing.
    for _ in 0..30 {
        tokio::time::advance(LOOK_EVERY).await;
        assert!(futures_util::poll!(&mut entering).is_pending());
    }
    assert_eq!(farewell(&places[0]), Some(Farewell::Stalled));
    drop((busy, places));
    assert!(entering.await.is_ok());
}

#[tokio::test]
async fn a_connection_is_at_the_door_until_it_asks_and_when_it_leaves() {
    let connections = open_places(2, 2);
    let is_at_the_door = |place: &Place| std::ptr::eq(place.line().rounds().0, connections.door());
    let [one, other] = [NEAR, FAR].map(|address| connections.enter(address).unwrap().0);
    assert!(is_at_the_door(&one) && is_at_the_door(&other));
    drop(one.line().begin().unwrap());
    assert!(!is_at_the_door(&one), "it has asked, though it is idle");
    let _still = other.line().begin().unwrap();
    assert!(!is_at_the_door(&other));
    let (_newcomer, evicted) = connections.enter(FAR).unwrap();
    assert!(evicted && is_told(&one) && is_at_the_door(&one));
    assert_eq!(one.line().rounds().1, Some(Neighbour::of(NEAR)));
}
