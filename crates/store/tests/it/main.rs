//! The store's cases, each run on SQLite and on a real PostgreSQL.

#[cfg(test)]
mod accepting;
#[cfg(test)]
mod crashing;
#[cfg(test)]
mod deploying;
#[cfg(test)]
mod flipping;
#[cfg(test)]
mod logging;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod restoring;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod stepping;
#[cfg(test)]
mod things;
#[cfg(test)]
mod world;

/// Each case once on each database.
macro_rules! on_both {
    ($($module:ident :: $case:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$module::$case(&crate::world::World::on_sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                if let Some(world) = crate::world::World::on_postgres().await {
                    crate::$module::$case(&world).await;
                }
            })*
        }
    };
}

on_both![
    opening::migrates_from_empty_and_twice,
    opening::refuses_tables_of_a_newer_program,
    opening::a_good_store_has_no_faults,
    accepting::first_operation_gets_the_first_token,
    accepting::accepting_again_gives_the_same_lease,
    accepting::refuses_while_another_operation_is_open,
    accepting::refuses_a_stale_generation,
    accepting::nothing_to_do_is_said_of_a_quiet_environment_only,
    accepting::refuses_a_plan_of_another,
    accepting::many_at_once_let_one_in,
    accepting::environments_do_not_wait_for_each_other,
    accepting::tokens_only_grow_and_fence_off,
    stepping::a_crash_leaves_what_was_written,
    stepping::a_step_that_never_began_is_not_done,
    stepping::nothing_is_written_for_an_ended_operation,
    stepping::many_at_once_are_all_there,
    stepping::a_refused_change_spoils_none,
    stepping::two_programs_share_a_log,
    crashing::a_killed_program_loses_nothing_it_was_told,
    deploying::remembers_what_is_deployed_and_what_was_before,
    deploying::failed_operations_change_no_generation,
    deploying::pages_through_deployments,
    deploying::deletions_leave_tombstones,
    deploying::a_changed_plan_is_never_served,
    logging::tells_every_change_in_order,
    logging::pages_through_events,
    logging::finds_every_kind_of_tampering,
    logging::is_not_written_on_after_tampering,
    logging::a_scope_is_its_own,
    sealing::makes_secrets_once_and_forgets_them,
    sealing::opens_only_in_its_place_and_with_its_key,
    sealing::leaves_no_secret_in_any_byte,
];
