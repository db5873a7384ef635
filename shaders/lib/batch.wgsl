struct ms_Batch {
  count: u32,
  grid_width: u32,
  components: u32,
  spare: u32,
}
