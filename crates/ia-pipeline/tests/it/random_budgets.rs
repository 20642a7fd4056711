//! Random orders of reserving, settling and dropping beside a plain model.
//!
//! A budget changes under a lock, so whatever threads do is some order of these.

use futures_util::FutureExt;
use ia_pipeline::{
    ApiCallGuard, Budget, BudgetExceeded, BudgetLimit, OnExceeded, Pipeline, Price, PriceBook,
    SharedBudget, StepContext, Usage, Usd,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Action {
    Reserve {
        input: u64,
        output: u64,
    },
    /// The call at this place among those under way, modulo their number.
    Finish {
        call: usize,
        input: u64,
        output: u64,
    },
    Drop {
        call: usize,
    },
    Record {
        input: u64,
    },
    Cost {
        nanos: i64,
    },
}

/// What the budget must hold, in numbers that do not wrap.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Sums {
    nanos: u128,
    tokens: u128,
    calls: u128,
}

fn any_tokens() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0_u64..400, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (any_tokens(), any_tokens()).prop_map(|(input, output)| Action::Reserve { input, output }),
        3 => (any::<usize>(), any_tokens(), any_tokens())
            .prop_map(|(call, input, output)| Action::Finish { call, input, output }),
        2 => any::<usize>().prop_map(|call| Action::Drop { call }),
        1 => any_tokens().prop_map(|input| Action::Record { input }),
        1 => prop_oneof![0_i64..100_000, Just(i64::MAX), Just(-1)].prop_map(|nanos| Action::Cost { nanos }),
    ]
}

fn any_budget() -> impl Strategy<Value = Budget> {
    let limit = |most: u64| proptest::option::of(prop_oneof![9 => 0..most, 1 => Just(u64::MAX)]);
    let reaction =
        prop_oneof![Just(OnExceeded::Stop), Just(OnExceeded::Warn), Just(OnExceeded::Fallback)];
    (limit(3_000_000), limit(3_000), limit(20), reaction).prop_map(
        |(cost, tokens, calls, reaction)| {
            let mut budget = Budget::new().on_exceeded(reaction);
            if let Some(cost) = cost {
                budget = budget.cost(Usd::from_nanos(i64::try_from(cost).unwrap_or(i64::MAX)));
            }
            if let Some(tokens) = tokens {
                budget = budget.tokens(tokens);
            }
            if let Some(calls) = calls {
                budget = budget.calls(calls);
            }
            budget
        },
    )
}

/// A token read costs 1,000 billionths, one written 2,000.
fn price() -> Price {
    Price::per_token_pico(1_000_000, 2_000_000)
}

fn sums(usage: Usage) -> Sums {
    Sums {
        nanos: u128::try_from(price().of(usage).as_nanos()).unwrap(),
        tokens: u128::from(usage.input().saturating_add(usage.output())),
        calls: 1,
    }
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            nanos: self.nanos + other.nanos,
            tokens: self.tokens + other.tokens,
            calls: self.calls + other.calls,
        }
    }
}

impl std::ops::Sub for Sums {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            nanos: self.nanos - other.nanos,
            tokens: self.tokens - other.tokens,
            calls: self.calls - other.calls,
        }
    }
}

/// The limits, where there are any; read off a budget that nothing was spent of.
fn fits(limits: &ia_pipeline::Remaining, sums: Sums) -> bool {
    let within = |limit: Option<u64>, sum: u128| limit.is_none_or(|limit| sum <= u128::from(limit));
    let cost = limits.cost.map(|cost| u64::try_from(cost.as_nanos()).unwrap());
    within(cost, sums.nanos)
        && within(limits.tokens, sums.tokens)
        && within(limits.calls, sums.calls)
}

/// Does all of it in one step that never waits.
fn play(ctx: &StepContext, shared: &SharedBudget, warns: bool, actions: Vec<Action>) {
    let limits = shared.remaining();
    let (mut spent, mut reserved) = (Sums::default(), Sums::default());
    let mut calls: Vec<(ApiCallGuard, Sums)> = Vec::new();
    for action in actions {
        match action {
            Action::Reserve { input, output } => {
                let ask = sums(Usage::tokens(input, output));
                let expected = warns || fits(&limits, spent + reserved + ask);
                match ctx.api_call("x").model("m").tokens(input, output).reserve() {
                    Ok(call) => {
                        assert!(expected, "{ask:?} was granted");
                        reserved = reserved + ask;
                        calls.push((call, ask));
                    }
                    Err(error) => {
                        assert!(!expected, "{error}");
                        told_right(&error, spent + reserved, ask);
                    }
                }
            }
            Action::Finish { call, input, output } if !calls.is_empty() => {
                let (call, ask) = calls.swap_remove(call % calls.len());
                call.finish(Usage::tokens(input, output));
                (reserved, spent) = (reserved - ask, spent + sums(Usage::tokens(input, output)));
            }
            Action::Drop { call } if !calls.is_empty() => {
                let (call, ask) = calls.swap_remove(call % calls.len());
                drop(call);
                (reserved, spent) = (reserved - ask, spent + ask);
            }
            Action::Finish { .. } | Action::Drop { .. } => {}
            Action::Record { input } => {
                ctx.api_call("x").model("m").tokens(input, 0).record();
                spent = spent + sums(Usage::tokens(input, 0));
            }
            Action::Cost { nanos } => {
                ctx.cost(Usd::from_nanos(nanos));
                spent.nanos += u128::try_from(nanos).unwrap_or(0);
            }
        }
        assert_eq!(read(shared), (spent, reserved));
    }
}

/// The model, as far as the public figures go.
fn read(shared: &SharedBudget) -> (Sums, Sums) {
    let sums = |sums: ia_pipeline::Spending| Sums {
        nanos: u128::try_from(sums.cost.as_nanos()).unwrap(),
        tokens: sums.tokens.into(),
        calls: sums.calls.into(),
    };
    (sums(shared.spent()), sums(shared.reserved()))
}

fn told_right(error: &BudgetExceeded, used: Sums, ask: Sums) {
    let (limit, left, asked, used, wanted) = match error.limit() {
        BudgetLimit::Calls { asked, left, limit } => {
            ((*limit).into(), (*left).into(), (*asked).into(), used.calls, ask.calls)
        }
        BudgetLimit::Tokens { asked, left, limit } => {
            ((*limit).into(), (*left).into(), (*asked).into(), used.tokens, ask.tokens)
        }
        BudgetLimit::Cost { asked, left, limit } => {
            let nanos = |cost: &Usd| u128::try_from(cost.as_nanos()).unwrap();
            (nanos(limit), nanos(left), nanos(asked), used.nanos, ask.nanos)
        }
        other => panic!("{other:?}"),
    };
    assert!(
        left == u128::saturating_sub(limit, used) && asked == wanted && asked > left
            || used > limit
    );
}

/// Sums that pass the ends of public figures are shown as those: kept out, they are the ledger's own affair.
fn small(actions: Vec<Action>) -> Vec<Action> {
    let huge = |tokens: &u64| *tokens > 1 << 40;
    let keep = |action: &Action| match action {
        Action::Reserve { input, output } | Action::Finish { input, output, .. } => {
            !huge(input) && !huge(output)
        }
        Action::Record { input } => !huge(input),
        Action::Cost { nanos } => *nanos < i64::MAX,
        Action::Drop { .. } => true,
    };
    actions.into_iter().filter(keep).collect()
}

fn run(
    budget: Budget,
    actions: Vec<Action>,
    check: fn(&StepContext, &SharedBudget, bool, Vec<Action>),
) {
    let shared = SharedBudget::new(budget);
    let warns = budget == budget.on_exceeded(OnExceeded::Warn);
    let given = shared.clone();
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, actions: Vec<Action>| {
            check(&ctx, &given, warns, actions);
            std::future::ready(Ok::<_, BudgetExceeded>(()))
        })
        .prices(PriceBook::new("test").with("m", price()))
        .budget(&shared)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let result = pipeline.run(actions).now_or_never().unwrap();
    if let Err(error) = result {
        assert_eq!(error.kind(), ia_pipeline::RunErrorKind::BudgetExceeded, "{error}");
    }
    assert_eq!(shared.reserved(), ia_pipeline::Spending::default(), "all is given back");
}

proptest! {
    #[test]
    fn a_budget_holds_what_a_plain_model_holds(
        budget in any_budget(),
        actions in proptest::collection::vec(any_action(), 0..40),
    ) {
        run(budget, small(actions), play);
    }

    #[test]
    fn what_is_reserved_and_kept_to_never_exceeds_a_limit(
        budget in any_budget(),
        actions in proptest::collection::vec(any_action(), 0..40),
    ) {
        // Only reservations, settled to at most what was asked.
        run(budget.on_exceeded(OnExceeded::Stop), actions, |ctx, shared, _, actions| {
            let limits = shared.remaining();
            let mut calls = Vec::new();
            for action in actions {
                match action {
                    Action::Reserve { input, output } => {
                        let call = ctx.api_call("x").model("m").tokens(input, output).reserve();
                        calls.extend(call.map(|call| (call, input, output)));
                    }
                    Action::Finish { call, input, output } if !calls.is_empty() => {
                        let (call, most_in, most_out) = calls.swap_remove(call % calls.len());
                        call.finish(Usage::tokens(input.min(most_in), output.min(most_out)));
                    }
                    Action::Drop { call } if !calls.is_empty() => drop(calls.swap_remove(call % calls.len())),
                    _ => {}
                }
                let (spent, reserved) = read(shared);
                assert!(fits(&limits, spent + reserved), "{shared:?}");
            }
        });
    }
}
