fn ms_raw_hessian(u: ptr<function, Point>, curvature: ptr<function, Hessian>) {
  hessian(ms_user_point(u), curvature);
}
