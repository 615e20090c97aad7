//! The migrations are compiled in; a new one has to rebuild the program.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
