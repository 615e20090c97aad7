mod codes;
mod faults;
mod framing;
mod settings;
mod splits;
mod totals;
mod world;
