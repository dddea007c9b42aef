//! Commands and events, as docs/SCRIPTING.md has them.

const LINES: [&str; 37] = [
    r#"{"cmd":"send","to":"bob","text":"hi","ref":"1"}"#,
    r#"{"ref":-7,"text":"\u0068i\n\ud83d\ude00","to":"bob","cmd":"send","x":[{}]}"#,
    r#"{"cmd":"read","from":"bob","id":"00000000000000ab-7","ref":18446744073709551615}"#,
    r#"{"cmd":"who"}"#,
    r#"{"cmd":"contact","user":"bob","ref":"1"}"#,
    r#"{"cmd":"verify","user":"bob","fingerprint":"00ff-1234"}"#,
    r#"{"cmd":"history","with":"bob","limit":7,"before":9}"#,
    r#"{"cmd":"search","text":"\"x"}"#,
    r#"{"cmd":"outbox","before":null}"#,
    r#"{"cmd":"file","to":"bob","path":"/a b/é","limit":1000000,"ref":1}"#,
    r#"{"cmd":"accept","transfer":"3f9a","dir":"/x","replace":true,"ref":"1"}"#,
    r#"{"cmd":"accept","transfer":"3f9a00112233445a"}"#,
    r#"{"cmd":"reject","transfer":"3f9a","ref":"1"}"#,
    r#"{"cmd":"cancel","transfer":"f"}"#,
    r#"{"cmd":"files","ref":"1"}"#,
    r#"{"cmd":"quit"}"#,
    r#"{"cmd":"go","ref":"1"}"#,
    r#"{"cmd":"send","to":"Bob","text":1}"#,
    r#"{"cmd":"who","ref":1.5}"#,
    "[1]",
    "",
    "hello",
    r#"{"event":"ready","user":"al","server":"h:7733","local":"[::1]:7733","fingerprint":"a","server_fingerprint":"b"}"#,
    r#"{"event":"presence","user":"bob","name":"微风","online":true}"#,
    r#"{"event":"path","user":"bob","path":"direct","addr":"192.0.2.9:40123"}"#,
    r#"{"event":"message","id":"86f2f6f2012403c7-1","from":"bob","name":"Bob","text":"hi","sent_ms":1,"path":"relay"}"#,
    r#"{"event":"state","id":"86f2f6f2012403c7-1","ref":"1","to":"bob","state":"delivered","path":"direct"}"#,
    r#"{"event":"state","id":"86f2f6f2012403c7-1","to":"bob","state":"failed","reason":"quota"}"#,
    r#"{"event":"server","state":"lost","reason":"idle"}"#,
    r#"{"event":"error","code":"full","message":"m","ref":3}"#,
    r#"{"event":"who","users":[]}"#,
    r#"{"event":"file_offer","transfer":"3f9a00112233445a","ref":"1","to":"bob","name":"a.txt","kind":"file","size":7,"files":1,"hash":"af13"}"#,
    r#"{"event":"file_progress","transfer":"3f9a00112233445a","from":"bob","state":"held","bytes":1,"size":7,"rate":0,"via":"direct","reason":"disk_full"}"#,
    r#"{"event":"file_done","transfer":"3f9a00112233445a","from":"bob","name":"a.txt","path":"/a.txt","bytes":7,"hash":"af13","seconds":12.3,"via":"mixed"}"#,
    r#"{"event":"file_failed","transfer":"3f9a00112233445a","to":"bob","name":"a.txt","reason":"rejected","message":"m"}"#,
    r#"{"event":"files","transfers":[{"transfer":"3f9a00112233445a","to":"al","name":"photos","kind":"folder","size":9,"files":3,"state":"offered","bytes":4,"since_ms":1}]}"#,
    r#"{"event":"bye"}"#,
];

/// Returns lines one by one and together, each input after the size of its pieces.
pub(super) fn all() -> Vec<Vec<u8>> {
    let mut inputs: Vec<_> = LINES.map(|line| ["\u{40}", line].concat().into_bytes()).into();
    for size in ["\0", "\u{7f}"] {
        inputs.push([size, &LINES.join("\n"), "\r\n"].concat().into_bytes());
    }
    inputs
}
