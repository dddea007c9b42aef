use std::net::{Ipv4Addr, Shutdown};
use std::time::{Duration, Instant};

use async_io::Timer;
use smol::future;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::toy::{Bench, frame};

/// More than the buffers of a connection hold, many times over.
const FLOOD: usize = 512 * 1024;

/// Makes bytes that differ, so that a lost or a doubled one shows.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8 ^ (n >> 13) as u8).collect()
}

#[test]
fn frames_come_whole_however_they_are_cut() {
    Bench::run(async |bench| {
        let (mut stream, link) = bench.connect().await;
        let small = frame(b"one byte at a time");
        for byte in small.chunks(1) {
            let feeds = bench.toy(|toy| toy.feeds);
            stream.write_all(byte).await.expect("write");
            bench.until(|hub| hub.machine.feeds > feeds).await;
        }
        // The rest of one frame comes along with a whole one and the start of a third.
        let large = pattern(100_000);
        let bytes = [frame(&large), frame(b""), frame(b"third")].concat();
        let feeds = bench.toy(|toy| toy.feeds);
        stream.write_all(&bytes[..60_000]).await.expect("write");
        bench.until(|hub| hub.machine.feeds > feeds).await;
        stream.write_all(&bytes[60_000..bytes.len() - 3]).await.expect("write");
        bench.until(|hub| hub.machine.frames.len() == 3).await;
        stream.write_all(&bytes[bytes.len() - 3..]).await.expect("write");
        bench.until(|hub| hub.machine.frames.len() == 4).await;
        let expected = [b"one byte at a time", &large[..], b"", b"third"];
        bench.toy(|toy| {
            assert!(toy.frames.iter().all(|(from, _)| *from == link));
            assert!(toy.frames.iter().map(|(_, bytes)| &bytes[..]).eq(expected));
        });
    });
}

#[test]
fn a_reader_that_stalls_holds_up_nobody_and_misses_nothing() {
    Bench::run(async |bench| {
        let (mut stalling, slow) = bench.connect().await;
        let (mut other, quick) = bench.connect().await;
        let bytes = pattern(FLOOD);
        bench.toy(|toy| toy.send(slow, &bytes));
        // What the sockets' buffers do not hold stays where it is.
        let mut untaken = FLOOD;
        loop {
            Timer::after(Duration::from_millis(50)).await;
            let now = bench.toy(|toy| toy.untaken(slow));
            if now == untaken {
                break;
            }
            untaken = now;
        }
        assert!(untaken > 0, "the flood is too small to stall");

        bench.toy(|toy| toy.send(quick, b"passes by"));
        let mut got = [0; 9];
        other.read_exact(&mut got).await.expect("read");
        assert_eq!(&got, b"passes by");
        // One that is not read from is read from all the same.
        stalling.write_all(&frame(b"I am busy")).await.expect("write");
        bench.until(|hub| hub.machine.frames.len() == 1).await;

        let mut got = vec![0; FLOOD];
        stalling.read_exact(&mut got).await.expect("read");
        assert!(got == bytes);
    });
}

#[test]
fn a_closed_link_delivers_its_last_bytes() {
    Bench::run(async |bench| {
        let (mut stream, link) = bench.connect().await;
        // To one who says more than is read, and reads late: the socket takes only a part at first.
        bench.toy(|toy| toy.deaf = true);
        stream.write_all(&pattern(2000)).await.expect("write");
        let bytes = pattern(100_000);
        bench.toy(|toy| toy.send_last(link, &bytes));
        bench.until(|hub| hub.machine.untaken(link) == 0).await;
        Timer::after(Duration::from_millis(100)).await;
        assert!(bench.hub.borrow().has_connections());
        let mut got = Vec::new();
        stream.read_to_end(&mut got).await.expect("the last bytes and the end");
        assert!(got == bytes);
        stream.get_ref().shutdown(Shutdown::Both).expect("shutdown");
        bench.until(|hub| !hub.has_connections()).await;
        assert!(bench.toy(|toy| toy.broken.is_empty()));
    });
}

#[test]
fn a_closed_link_waits_for_nobody_for_long() {
    Bench::run(async |bench| {
        let (silent, one) = bench.connect().await;
        let (mut flooding, two) = bench.connect().await;
        let (mut other, three) = bench.connect().await;
        let start = Instant::now();
        bench.toy(|toy| {
            toy.send_last(one, b"bye");
            toy.send_last(two, b"bye");
        });
        let flood = async {
            let junk = pattern(64 * 1024);
            while flooding.write_all(&junk).await.is_ok() {}
        };
        let serve = async {
            Timer::after(Duration::from_millis(100)).await;
            // Meanwhile others are served.
            bench.toy(|toy| toy.send_last(three, b"passes by"));
            let mut got = Vec::new();
            other.read_to_end(&mut got).await.expect("read");
            assert_eq!(got, b"passes by");
            assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
            drop(other);
            bench.until(|hub| !hub.has_connections()).await;
        };
        future::zip(flood, serve).await;
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        drop(silent);
    });
}

#[test]
fn a_deaf_machine_is_read_for_once_it_listens_again() {
    Bench::run(async |bench| {
        let (mut stream, link) = bench.connect().await;
        bench.toy(|toy| toy.deaf = true);
        stream.write_all(&frame(b"are you there?")).await.expect("write");
        // It can speak all the while.
        for _ in 0..5 {
            bench.toy(|toy| toy.send(link, b"wait "));
            let mut got = [0; 5];
            stream.read_exact(&mut got).await.expect("read");
            assert_eq!(&got, b"wait ");
        }
        assert_eq!(bench.toy(|toy| toy.feeds), 0);
        bench.toy(|toy| toy.listen_again());
        bench.until(|hub| hub.machine.frames.len() == 1).await;
    });
}

#[test]
fn a_broken_connection_is_told_of() {
    Bench::run(async |bench| {
        let (stream, link) = bench.connect().await;
        let (_other, _) = bench.connect().await;
        drop(stream);
        bench.until(|hub| hub.machine.broken == [link]).await;
    });
}

#[test]
fn a_connection_turned_away_is_closed() {
    Bench::run(async |bench| {
        bench.toy(|toy| toy.full = true);
        let mut stream = bench.connect_quietly().await;
        assert_eq!(stream.read(&mut [0; 9]).await.expect("the end"), 0);
        assert!(!bench.hub.borrow().has_connections());
        bench.toy(|toy| toy.full = false);
        bench.connect().await;
    });
}

/// A flood of connections was accepted for as long as there were any, and whoever was connected had
/// to wait for its end.
#[test]
fn others_have_their_turn_while_connections_are_accepted() {
    Bench::run(async |bench| {
        // All of them wait to be accepted when the driver looks.
        let flood: Vec<_> = (0..64).map(|_| bench.dial()).collect();
        let hub = bench.hub.clone();
        let neighbour = bench.spawn(async move {
            let mut turns = 0;
            while hub.borrow().machine.links.len() < 64 {
                turns += 1;
                future::yield_now().await;
            }
            turns
        });
        let turns = neighbour.await;
        assert!(turns >= 8, "{turns} turns while {} connections came", flood.len());
    });
}

/// Connections that were closed lingered for a second, however many there were.
#[test]
fn only_so_many_linger() {
    Bench::run(async |bench| {
        bench.hub.borrow_mut().most_lingering = 1;
        let mut silent = Vec::new();
        for _ in 0..3 {
            let (stream, link) = bench.connect().await;
            bench.toy(|toy| toy.send_last(link, b"go"));
            silent.push(stream);
        }
        bench.until(|hub| hub.connections.len() == 1).await;
        for stream in &mut silent {
            let mut got = Vec::new();
            stream.read_to_end(&mut got).await.expect("read");
            assert_eq!(got, b"go", "it is told all the same");
        }
    });
}

#[test]
fn connections_of_addresses_that_are_gone_break() {
    Bench::run(async |bench| {
        let (_stream, link) = bench.connect().await;
        bench.hub.borrow_mut().break_all_but(&[Ipv4Addr::LOCALHOST.into()]);
        bench.toy(|toy| toy.send(link, b"still here"));
        bench.until(|hub| hub.machine.untaken(link) == 0).await;
        assert!(bench.toy(|toy| toy.broken.is_empty()));
        bench.hub.borrow_mut().break_all_but(&[[192, 0, 2, 1].into()]);
        bench.until(|hub| hub.machine.broken == [link]).await;
        assert!(!bench.hub.borrow().has_connections());
    });
}
