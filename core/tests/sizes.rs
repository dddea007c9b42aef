//! Shows what the tables of a client cost: they are all inside it.

use breeze_core::Client;

#[test]
fn a_device_fits_in_a_few_kilobytes() {
    println!("Client<4, 8, 64>         {:>9}", size_of::<Client<4, 8, 64>>());
    println!("Client<512, 256, 8192>   {:>9}", size_of::<Client<512, 256, 8192>>());
    let small = size_of::<Client<4, 8, 64>>();
    let links = size_of::<Client<4, 9, 64>>() - small;
    let peers = size_of::<Client<5, 8, 64>>() - small;
    println!("each link {links}, each peer {peers}");
    assert!(small < 24 * 1024, "{small}");
    assert_eq!(size_of::<Client<4, 8, 65>>() - small, 64, "a block");
}
