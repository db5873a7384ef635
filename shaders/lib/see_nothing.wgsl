// Components' densities are wanted for their sum alone.
fn ms_see(component: u32, log_density: ms_Group) {
}
