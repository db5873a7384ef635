fn ms_reweigh_slopes(k: u32, index: u32, batch_index: u32) {
}
