#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| tenantry_conformance::fuzz::run("policy_json", input));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| { tenantry_fuzz::mutate(data, size, room, seed) });
