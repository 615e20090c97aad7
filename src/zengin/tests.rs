mod golden;
mod peer;
