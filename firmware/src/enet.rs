//! The LM3S6965's Ethernet MAC (QEMU: `stellaris_enet`) as a smoltcp device.
//!
//! Frames pass through one data register, a word at a time. The first word of a frame carries a
//! 16-bit length and the frame's first two bytes: so the 14-byte header ends on a word's end, and
//! the payload is aligned.

use core::ptr;

use cortex_m::interrupt::InterruptNumber;
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

const BASE: usize = 0x4004_8000;

/// Offsets of the registers used here.
#[derive(Clone, Copy)]
#[repr(usize)]
enum Register {
    /// Raw interrupt status; writing ones acknowledges.
    Status = 0x00,
    InterruptMask = 0x04,
    ReceiveControl = 0x08,
    TransmitControl = 0x0c,
    Data = 0x10,
    AddressLow = 0x14,
    AddressHigh = 0x18,
    /// How many whole frames the receive FIFO holds.
    FramesReceived = 0x34,
    /// Bit 0 starts a transmission and reads as one until it is done.
    TransmitRequest = 0x38,
}

const STATUS_RECEIVED: u32 = 1 << 0;

const RECEIVE_ENABLE: u32 = 1 << 0;
const RECEIVE_MULTICAST: u32 = 1 << 1;
const RECEIVE_REJECT_BAD_CRC: u32 = 1 << 3;
const RECEIVE_RESET_FIFO: u32 = 1 << 4;

const TRANSMIT_ENABLE: u32 = 1 << 0;
const TRANSMIT_PAD: u32 = 1 << 1;
const TRANSMIT_APPEND_CRC: u32 = 1 << 2;
const TRANSMIT_FULL_DUPLEX: u32 = 1 << 4;

/// The header and the longest payload, without the frame check sequence.
const MAX_FRAME: usize = 14 + 1500;
/// The length field's two bytes and the frame check sequence's four, in a received length.
const RECEIVE_OVERHEAD: usize = 2 + 4;

/// Used if neither QEMU nor a boot loader has set one: locally administered.
const DEFAULT_ADDRESS: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x01]);

/// The MAC's interrupt, which is only ever used to wake the core.
#[derive(Clone, Copy)]
pub(crate) struct Interrupt;

// SAFETY: 42 is the Ethernet controller's interrupt on the LM3S6965.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        42
    }
}

/// The memory of one frame in each direction.
pub(crate) struct Buffers {
    rx: [u8; MAX_FRAME],
    tx: [u8; MAX_FRAME],
}

impl Buffers {
    pub(crate) const fn new() -> Self {
        Self { rx: [0; MAX_FRAME], tx: [0; MAX_FRAME] }
    }
}

/// The MAC's registers. There is one owner: [`Enet`].
struct Registers(());

impl Registers {
    fn read(&self, register: Register) -> u32 {
        // SAFETY: a register of the MAC, which this value owns; all are word-wide.
        unsafe { ptr::with_exposed_provenance::<u32>(BASE + register as usize).read_volatile() }
    }

    fn write(&mut self, register: Register, value: u32) {
        // SAFETY: as for `read`; the MAC does not access memory.
        unsafe {
            ptr::with_exposed_provenance_mut::<u32>(BASE + register as usize).write_volatile(value);
        }
    }

    /// Takes the oldest frame out of the receive FIFO. `None` if it is no whole Ethernet frame or
    /// is longer than `buf`; it is taken out all the same.
    fn pop(&mut self, buf: &mut [u8; MAX_FRAME]) -> Option<usize> {
        let [l0, l1, b0, b1] = self.read(Register::Data).to_le_bytes();
        let total = usize::from(u16::from_le_bytes([l0, l1]));
        let rest = total.div_ceil(4).saturating_sub(1);

        let len =
            total.checked_sub(RECEIVE_OVERHEAD).filter(|&len| (14..=MAX_FRAME).contains(&len));
        let Some(len) = len else {
            for _ in 0..rest {
                self.read(Register::Data);
            }
            return None;
        };

        buf[..2].copy_from_slice(&[b0, b1]);
        let mut pieces = buf[2..len].chunks_mut(4);
        for _ in 0..rest {
            let word = self.read(Register::Data).to_le_bytes();
            // The last words hold the frame check sequence, which the MAC has verified.
            if let Some(piece) = pieces.next() {
                piece.copy_from_slice(&word[..piece.len()]);
            }
        }
        Some(len)
    }

    /// Fills the transmit FIFO with a frame of at least 14 bytes and sends it.
    fn push(&mut self, frame: &[u8]) {
        let payload_len = (frame.len() - 14) as u16;
        let [l0, l1] = payload_len.to_le_bytes();
        let (first, rest) = frame.split_at(2);
        self.write(Register::Data, u32::from_le_bytes([l0, l1, first[0], first[1]]));
        for piece in rest.chunks(4) {
            let mut word = [0; 4];
            word[..piece.len()].copy_from_slice(piece);
            self.write(Register::Data, u32::from_le_bytes(word));
        }
        self.write(Register::TransmitRequest, 1);
    }
}

/// The Ethernet MAC, polled.
pub(crate) struct Enet {
    registers: Registers,
    buffers: &'static mut Buffers,
    address: EthernetAddress,
}

impl Enet {
    /// Starts the MAC.
    ///
    /// # Safety
    ///
    /// The MAC must be clocked, and there must be no other `Enet`.
    pub(crate) unsafe fn new(buffers: &'static mut Buffers) -> Self {
        let mut registers = Registers(());
        let address = start(&mut registers);
        Self { registers, buffers, address }
    }

    pub(crate) fn address(&self) -> EthernetAddress {
        self.address
    }

    /// True if a received frame waits.
    pub(crate) fn frame_waits(&self) -> bool {
        self.registers.read(Register::FramesReceived) != 0
    }
}

fn start(registers: &mut Registers) -> EthernetAddress {
    let [a, b, c, d] = registers.read(Register::AddressLow).to_le_bytes();
    let [e, f, ..] = registers.read(Register::AddressHigh).to_le_bytes();
    let mut address = EthernetAddress([a, b, c, d, e, f]);
    if !address.is_unicast() {
        address = DEFAULT_ADDRESS;
        let [a, b, c, d, e, f] = address.0;
        registers.write(Register::AddressLow, u32::from_le_bytes([a, b, c, d]));
        registers.write(Register::AddressHigh, u32::from_le_bytes([e, f, 0, 0]));
    }

    registers.write(Register::ReceiveControl, RECEIVE_RESET_FIFO);
    registers.write(Register::Status, u32::MAX);
    registers.write(Register::InterruptMask, STATUS_RECEIVED);
    registers.write(
        Register::TransmitControl,
        TRANSMIT_ENABLE | TRANSMIT_PAD | TRANSMIT_APPEND_CRC | TRANSMIT_FULL_DUPLEX,
    );
    registers.write(
        Register::ReceiveControl,
        RECEIVE_ENABLE | RECEIVE_MULTICAST | RECEIVE_REJECT_BAD_CRC,
    );
    address
}

impl Device for Enet {
    type RxToken<'a> = RxToken<'a>;
    type TxToken<'a> = TxToken<'a>;

    fn receive(&mut self, _: Instant) -> Option<(RxToken<'_>, TxToken<'_>)> {
        // Acknowledged first: a frame that arrives from here on raises the interrupt again.
        self.registers.write(Register::Status, STATUS_RECEIVED);
        if !self.frame_waits() || !can_send(&self.registers) {
            return None;
        }
        let len = self.registers.pop(&mut self.buffers.rx)?;
        Some((
            RxToken(&self.buffers.rx[..len]),
            TxToken { registers: &mut self.registers, buf: &mut self.buffers.tx },
        ))
    }

    fn transmit(&mut self, _: Instant) -> Option<TxToken<'_>> {
        can_send(&self.registers)
            .then_some(TxToken { registers: &mut self.registers, buf: &mut self.buffers.tx })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MAX_FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

fn can_send(registers: &Registers) -> bool {
    registers.read(Register::TransmitRequest) & 1 == 0
}

pub(crate) struct RxToken<'a>(&'a [u8]);

impl phy::RxToken for RxToken<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

pub(crate) struct TxToken<'a> {
    registers: &'a mut Registers,
    buf: &'a mut [u8; MAX_FRAME],
}

impl phy::TxToken for TxToken<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let frame = &mut self.buf[..len];
        let result = f(frame);
        self.registers.push(frame);
        result
    }
}
