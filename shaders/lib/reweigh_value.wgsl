fn ms_reweigh_slopes(place: ms_GroupPlace) {
}
