// Nobody will look at the draws.
fn ms_keep_draws(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
}
