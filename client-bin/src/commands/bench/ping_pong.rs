use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use async_io::Async;
use smol::LocalExecutor;
use smol::channel;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::latency::{Latency, Quantiles};
use super::setting::{Setting, WARM_UP};
use super::stopwatch::nanos;
use crate::cli::bench::Traffic;
use crate::error::Error;

/// Is one end of a bare connection.
struct End {
    stream: TcpStream,
    /// It sends what it gets back, and does not measure.
    echoes: bool,
}

/// Measures how long as many bytes take there and back on a bare TCP connection, on as many threads
/// as a fleet, each of which waits for its sockets itself: the rest is what Breeze adds.
pub(super) async fn ping_pong(
    setting: &Setting,
    traffic: &Traffic,
) -> Result<Option<Quantiles>, Error> {
    let mut hands: Vec<Vec<End>> = (0..setting.threads).map(|_| Vec::new()).collect();
    for n in 0..traffic.pairs as usize {
        let [ping, pong] = connection()?;
        hands[2 * n % setting.threads].push(End { stream: ping, echoes: false });
        hands[(2 * n + 1) % setting.threads].push(End { stream: pong, echoes: true });
    }
    let (size, duration) = (traffic.size as usize, Duration::from_secs(traffic.seconds.into()));
    let (tell, told) = channel::unbounded();
    for ends in hands {
        let tell = tell.clone();
        thread::Builder::new().name("tcp".to_owned()).spawn(move || {
            // Nobody may wait for it any more.
            let _ = tell.try_send(serve(ends, size, duration));
        })?;
    }
    drop(tell);
    let mut all = Latency::default();
    let gather = async {
        while let Ok(latency) = told.recv().await {
            all.add(&latency?);
        }
        Ok::<_, Error>(())
    };
    let (gathered, ()) = smol::future::zip(
        gather,
        setting.progress.measuring("measuring bare TCP", WARM_UP + duration),
    )
    .await;
    gathered.map(|()| all.quantiles())
}

fn connection() -> Result<[TcpStream; 2], Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let ping = TcpStream::connect(listener.local_addr()?)?;
    let (pong, _) = listener.accept()?;
    for stream in [&ping, &pong] {
        stream.set_nodelay(true)?;
    }
    Ok([ping, pong])
}

/// Serves what one thread has of the connections.
fn serve(ends: Vec<End>, size: usize, duration: Duration) -> Result<Latency, Error> {
    let executor = LocalExecutor::new();
    async_io::block_on(executor.run(async {
        let mut tasks = Vec::new();
        for End { stream, echoes } in ends {
            let stream = Async::new(stream)?;
            tasks.push(match echoes {
                true => executor.spawn(pong(stream, size)),
                false => executor.spawn(ping(stream, size, duration)),
            });
        }
        let mut all = Latency::default();
        for task in tasks {
            all.add(&task.await?);
        }
        Ok(all)
    }))
}

async fn ping(
    mut stream: Async<TcpStream>,
    size: usize,
    duration: Duration,
) -> Result<Latency, Error> {
    let (mut latency, mut text) = (Latency::default(), vec![b'.'; size]);
    let begin = Instant::now() + WARM_UP;
    loop {
        let sent = Instant::now();
        if sent > begin + duration {
            return Ok(latency);
        }
        stream.write_all(&text).await?;
        stream.read_exact(&mut text).await?;
        if sent >= begin {
            latency.record(nanos(sent.elapsed()));
        }
    }
}

async fn pong(mut stream: Async<TcpStream>, size: usize) -> Result<Latency, Error> {
    let mut text = vec![0; size];
    // The other end closes the connection when it is done.
    while stream.read_exact(&mut text).await.is_ok() {
        stream.write_all(&text).await?;
    }
    Ok(Latency::default())
}
