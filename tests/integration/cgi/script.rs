// A WAGI module in Rust: prints its environment, as those do that came with WAGI.
fn main() {
    println!("content-type: text/plain\nstatus: 200\n");
    for (name, value) in std::env::vars() {
        println!("{} = {}", name, value);
    }
    for argument in std::env::args().skip(1) {
        println!("arg: {}", argument);
    }
}
