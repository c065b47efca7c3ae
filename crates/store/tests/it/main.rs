//! The store's cases, each run on SQLite and on a real PostgreSQL.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod checksums;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod database;
#[cfg(test)]
mod deployments;
#[cfg(test)]
mod events;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod secrets;

/// Each case once on each database.
macro_rules! on_both {
    ($($module:ident :: $case:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$module::$case(&crate::fixture::Fixture::on_sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                if let Some(fixture) = crate::fixture::Fixture::on_postgres().await {
                    crate::$module::$case(&fixture).await;
                }
            })*
        }
    };
}

on_both![
    database::migrates_from_empty_and_twice,
    database::refuses_tables_of_a_newer_program,
    database::a_good_store_has_no_faults,
    accept::first_operation_gets_the_first_token,
    accept::accepting_again_gives_the_same_lease,
    accept::refuses_while_another_operation_is_open,
    accept::refuses_a_stale_generation,
    accept::nothing_to_do_is_said_of_a_quiet_environment_only,
    accept::refuses_a_plan_of_another,
    accept::many_at_once_let_one_in,
    accept::environments_do_not_wait_for_each_other,
    accept::tokens_only_grow_and_fence_off,
    journal::a_crash_leaves_what_was_written,
    journal::a_step_that_never_began_is_not_done,
    journal::nothing_is_written_for_an_ended_operation,
    journal::many_at_once_are_all_there,
    journal::a_refused_change_spoils_none,
    journal::two_programs_share_a_log,
    crash::a_killed_program_loses_nothing_it_was_told,
    deployments::remembers_what_is_deployed_and_what_was_before,
    deployments::failed_operations_change_no_generation,
    deployments::pages_through_deployments,
    deployments::deletions_leave_tombstones,
    deployments::a_changed_plan_is_never_served,
    events::tells_every_change_in_order,
    events::reads_and_hashes_as_it_always_did,
    events::pages_through_events,
    events::finds_every_kind_of_tampering,
    events::is_not_written_on_after_tampering,
    events::a_scope_is_its_own,
    secrets::makes_secrets_once_and_forgets_them,
    secrets::opens_only_in_its_place_and_with_its_key,
    secrets::leaves_no_secret_in_any_byte,
];
