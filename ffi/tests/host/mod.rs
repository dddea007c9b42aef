//! A host of the C ABI, and a server for it, joined by pipes in memory.
#![allow(dead_code, reason = "each test takes what it needs of it")]

#[cfg(feature = "files")]
pub(crate) mod files;

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::ptr;

use breeze::*;
use breeze_core::id::LinkId;
use breeze_core::io::{Backlog, ServerEvent, ServerOutput};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Server, ServerConfig};

/// A client that was made in storage of its own, and what it has told.
pub(crate) struct Host {
    storage: Vec<u128>,
    pub(crate) client: *mut breeze_client,
    pub(crate) user: &'static str,
    number: u8,
    pub(crate) events: Vec<breeze_event>,
    pub(crate) messages: Vec<(breeze_received, String)>,
    /// Each link's bytes that came and were not consumed.
    inboxes: BTreeMap<u64, Vec<u8>>,
    pub(crate) until: u64,
    /// What it sends and takes of files.
    #[cfg(feature = "files")]
    pub(crate) files: Option<files::Files>,
    /// The client was ended by the test.
    pub(crate) is_ended: bool,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Server(LinkId),
    Host(usize, u64),
}

/// A server, some hosts, and all pipes between them.
pub(crate) struct Network {
    pub(crate) now: u64,
    pub(crate) server: Server,
    pub(crate) hosts: Vec<Host>,
    /// From a host and its link to the other end.
    pipes: BTreeMap<(usize, u64), End>,
    ephemerals: u8,
}

pub(crate) fn default_config() -> breeze_config {
    let mut config = MaybeUninit::uninit();
    // SAFETY: there is a place for it.
    unsafe {
        let result = breeze_config_default(config.as_mut_ptr(), size_of::<breeze_config>());
        assert_eq!(result, breeze_result::Ok);
        config.assume_init()
    }
}

impl Host {
    pub(crate) fn new(
        user: &'static str,
        number: u8,
        set: impl FnOnce(&mut breeze_config),
    ) -> Self {
        let name = CString::new(user).expect("a name");
        let (identity, seed) = ([number; 32], [number + 100; 32]);
        let mut config = default_config();
        config.user = name.as_ptr();
        config.identity = identity.as_ptr();
        config.secret_seed = seed.as_ptr();
        config.seed = number.into();
        set(&mut config);
        let capacity = breeze_capacity::Device as u32;
        let size = breeze_client_size(capacity);
        let mut storage = vec![0_u128; size.div_ceil(16)];
        let mut client = ptr::null_mut();
        // SAFETY: all of it is there, and the storage is as large as was said.
        let result = unsafe {
            let at = storage.as_mut_ptr().cast();
            breeze_client_init(at, size, capacity, &config, 0, &mut client)
        };
        assert_eq!(result, breeze_result::Ok);
        Self {
            storage,
            client,
            user,
            number,
            events: Vec::new(),
            messages: Vec::new(),
            inboxes: BTreeMap::new(),
            until: 0,
            #[cfg(feature = "files")]
            files: None,
            is_ended: false,
        }
    }

    pub(crate) fn poll(&mut self, now: u64) -> breeze_output {
        let mut output = MaybeUninit::uninit();
        // SAFETY: the client is there, and a place for the output.
        unsafe {
            let at = output.as_mut_ptr();
            let result = breeze_client_poll(self.client, now, at, size_of::<breeze_output>());
            assert_eq!(result, breeze_result::Ok);
            output.assume_init()
        }
    }

    pub(crate) fn state(&self) -> breeze_state {
        let mut state = MaybeUninit::uninit();
        // SAFETY: the client is there, and a place for the state.
        unsafe {
            let at = state.as_mut_ptr();
            let result = breeze_client_state(self.client, at, size_of::<breeze_state>());
            assert_eq!(result, breeze_result::Ok);
            state.assume_init()
        }
    }

    /// Takes bytes in, and keeps what comes of them.
    pub(crate) fn receive(&mut self, now: u64, link: u64, bytes: &[u8]) {
        let inbox = self.inboxes.entry(link).or_default();
        inbox.extend_from_slice(bytes);
        #[cfg(feature = "files")]
        if let Some(files) = &mut self.files {
            return files.receive(self.client, now, link, inbox);
        }
        loop {
            let mut received = MaybeUninit::uninit();
            // SAFETY: client and bytes are there, and a place for what becomes of them.
            let received = unsafe {
                let (at, size) = (received.as_mut_ptr(), size_of::<breeze_received>());
                let (bytes, len) = (inbox.as_mut_ptr(), inbox.len());
                let result = breeze_client_received(self.client, now, link, bytes, len, at, size);
                assert_eq!(result, breeze_result::Ok);
                received.assume_init()
            };
            if received.has_message {
                // SAFETY: the text lies in the inbox, and that was not changed since.
                let text = unsafe {
                    std::slice::from_raw_parts(received.text.cast::<u8>(), received.text_len)
                };
                let text = String::from_utf8(text.to_vec()).expect("UTF-8");
                let (from, id) = (received.from, received.id);
                // SAFETY: all of it is there.
                let result =
                    unsafe { breeze_client_acknowledge(self.client, now, from.text.as_ptr(), &id) };
                assert_eq!(result, breeze_result::Ok);
                self.messages.push((received, text));
            }
            inbox.drain(..received.consumed);
            if received.consumed == 0 && !received.has_message {
                return;
            }
        }
    }

    pub(crate) fn transmit(&mut self, now: u64, link: u64) -> Vec<u8> {
        let mut all = Vec::new();
        let mut buffer = vec![0; 4096];
        loop {
            let mut len = 0;
            #[cfg(feature = "files")]
            if let Some(files) = &mut self.files {
                len = files.transmit(self.client, now, link, &mut buffer);
                if len == 0 {
                    return all;
                }
                all.extend_from_slice(&buffer[..len]);
                continue;
            }
            // SAFETY: the client and the buffer are there.
            let result = unsafe {
                let (at, size) = (buffer.as_mut_ptr(), buffer.len());
                breeze_client_transmit(self.client, now, link, at, size, &mut len)
            };
            assert_eq!(result, breeze_result::Ok);
            if len == 0 {
                return all;
            }
            all.extend_from_slice(&buffer[..len]);
        }
    }

    pub(crate) fn send(&mut self, now: u64, to: &str, text: &str) -> breeze_message_id {
        let to = CString::new(to).expect("a name");
        let mut id = breeze_message_id { epoch: 0, seq: 0 };
        // SAFETY: all of it is there.
        let result = unsafe {
            let (at, len) = (text.as_ptr().cast(), text.len());
            breeze_client_send(self.client, now, to.as_ptr(), at, len, 1_700_000_000_000, &mut id)
        };
        assert_eq!(result, breeze_result::Ok);
        id
    }

    pub(crate) fn count(&self, kind: breeze_event_kind) -> usize {
        self.events.iter().filter(|event| event.kind == kind as u32).count()
    }

    pub(crate) fn last(&self, kind: breeze_event_kind) -> &breeze_event {
        let mut events = self.events.iter().rev();
        events.find(|event| event.kind == kind as u32).expect("such an event")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if !self.is_ended {
            // SAFETY: the client is there, and nobody uses it any more.
            assert_eq!(unsafe { breeze_client_deinit(self.client) }, breeze_result::Ok);
        }
        // SAFETY: the storage is.
        assert_eq!(unsafe { breeze_client_deinit(self.client) }, breeze_result::NotAClient);
    }
}

impl Network {
    pub(crate) fn new(hosts: Vec<Host>) -> Self {
        let server = Server::new(ServerConfig::default(), Identity::from_secret([99; 32]));
        Self { now: 0, server, hosts, pipes: BTreeMap::new(), ephemerals: 0 }
    }

    pub(crate) fn address(host: usize) -> breeze_address {
        let mut ip = [0; 16];
        ip[..4].copy_from_slice(&[192, 0, 2, host as u8 + 1]);
        breeze_address { family: 4, port: 7733, ip }
    }

    fn fresh(&mut self) -> [u8; 32] {
        self.ephemerals += 1;
        [self.ephemerals; 32]
    }

    /// Does what everybody asks for until nobody asks for anything.
    pub(crate) fn settle(&mut self) {
        while self.step() {}
    }

    /// Lets time pass in steps of 10 ms, and all that goes with it happen.
    pub(crate) fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        while self.now < end {
            self.now += 10;
            for host in &self.hosts {
                // SAFETY: the client is there.
                let result = unsafe { breeze_client_timeout(host.client, self.now) };
                assert_eq!(result, breeze_result::Ok);
                #[cfg(feature = "files")]
                if let Some(files) = &host.files {
                    files.timeout(self.now);
                }
            }
            self.server.timeout(Instant::from_millis(self.now));
            self.settle();
        }
    }

    fn step(&mut self) -> bool {
        let now = Instant::from_millis(self.now);
        let mut busy = false;
        for who in 0..self.hosts.len() {
            #[cfg(feature = "files")]
            {
                let host = &mut self.hosts[who];
                if let Some(files) = &mut host.files {
                    files.drain(host.client, self.now);
                }
            }
            let output = self.hosts[who].poll(self.now);
            if output.kind == breeze_output_kind::Wait as u32 {
                self.hosts[who].until = output.until_ms;
                continue;
            }
            busy = true;
            if output.kind == breeze_output_kind::Open as u32 {
                self.open(who, &output);
            } else if output.kind == breeze_output_kind::Transmit as u32 {
                let bytes = self.hosts[who].transmit(self.now, output.link);
                match self.pipes.get(&(who, output.link)).copied() {
                    Some(End::Server(far)) => feed_server(&mut self.server, now, far, bytes),
                    Some(End::Host(other, link)) => {
                        self.hosts[other].receive(self.now, link, &bytes);
                    }
                    None => panic!("a link to nowhere"),
                }
            } else if output.kind == breeze_output_kind::Close as u32 {
                self.close(who, output.link);
            } else {
                assert_eq!(output.kind, breeze_output_kind::Event as u32);
                #[cfg(feature = "files")]
                if output.event.kind == breeze_event_kind::Path as u32
                    && let Some(files) = &self.hosts[who].files
                {
                    files.on_path(self.now, &output.event.user);
                }
                self.hosts[who].events.push(output.event);
            }
        }
        match self.server.poll() {
            ServerOutput::Transmit(link) => {
                let found = self.pipes.iter().find(|(_, end)| **end == End::Server(link));
                let (who, own) = *found.expect("a pipe").0;
                let mut buffer = vec![0; 16 * 1024];
                loop {
                    match self.server.transmit(now, link, &mut buffer) {
                        0 => break,
                        len => self.hosts[who].receive(self.now, own, &buffer[..len]),
                    }
                }
            }
            ServerOutput::Event(ServerEvent::Login { link, .. }) => {
                self.server.admit(now, link, Backlog::default());
            }
            ServerOutput::Close(link) => {
                let found = self.pipes.iter().find(|(_, end)| **end == End::Server(link));
                if let Some((&(who, own), _)) = found {
                    self.pipes.remove(&(who, own));
                    // SAFETY: the client is there.
                    unsafe { breeze_client_closed(self.hosts[who].client, self.now, own) };
                }
            }
            // Nobody is registered but those who are there.
            ServerOutput::Event(ServerEvent::Key { link, user }) => {
                self.server.introduce(link, user, None);
            }
            ServerOutput::Event(_) => {}
            ServerOutput::Wait(_) => return busy,
        }
        true
    }

    fn open(&mut self, who: usize, output: &breeze_output) {
        let [own, theirs] = [self.fresh(), self.fresh()];
        let link = output.link;
        let end = if output.user.text[0] == 0 {
            let addr = Self::address(who).try_into().expect("an address");
            let far = self.server.accepted(Instant::from_millis(self.now), addr, theirs);
            End::Server(far.expect("room"))
        } else {
            let other = (0..self.hosts.len())
                .find(|n| Self::address(*n) == output.address)
                .expect("an address of one of them");
            let mut far = 0;
            // SAFETY: all of it is there.
            let result = unsafe {
                let (client, from) = (self.hosts[other].client, Self::address(who));
                breeze_client_accepted(client, self.now, &from, theirs.as_ptr(), &mut far)
            };
            if result != breeze_result::Ok {
                assert_eq!(result, breeze_result::LinksClosed);
                // SAFETY: the client is there.
                unsafe { breeze_client_closed(self.hosts[who].client, self.now, link) };
                return;
            }
            self.pipes.insert((other, far), End::Host(who, link));
            End::Host(other, far)
        };
        self.pipes.insert((who, link), end);
        // SAFETY: all of it is there.
        let result =
            unsafe { breeze_client_opened(self.hosts[who].client, self.now, link, own.as_ptr()) };
        assert_eq!(result, breeze_result::Ok);
    }

    /// Cuts a pipe of a host's, and tells whoever is at its other end.
    pub(crate) fn close(&mut self, who: usize, link: u64) {
        match self.pipes.remove(&(who, link)) {
            Some(End::Server(far)) => self.server.closed(Instant::from_millis(self.now), far),
            Some(End::Host(other, far)) => {
                self.pipes.remove(&(other, far));
                // SAFETY: the client is there.
                unsafe { breeze_client_closed(self.hosts[other].client, self.now, far) };
            }
            None => {}
        }
    }

    /// Returns the direct links of a host.
    pub(crate) fn direct_links(&self, who: usize) -> Vec<u64> {
        let direct = |(&(host, link), end): (&(usize, u64), &End)| {
            (host == who && matches!(end, End::Host(..))).then_some(link)
        };
        self.pipes.iter().filter_map(direct).collect()
    }
}

fn feed_server(server: &mut Server, now: Instant, link: LinkId, mut bytes: Vec<u8>) {
    while !bytes.is_empty() {
        let consumed = server.received(now, link, &mut bytes).consumed;
        if consumed == 0 {
            // Whatever a client says at once are whole records.
            return;
        }
        bytes.drain(..consumed);
    }
}

/// Reads a text of the ABI's.
pub(crate) fn text(chars: &[c_char]) -> String {
    let bytes: Vec<u8> = chars.iter().map(|char| *char as u8).take_while(|b| *b != 0).collect();
    String::from_utf8(bytes).expect("UTF-8")
}
