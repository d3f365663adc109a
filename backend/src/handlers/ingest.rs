//! Where agents report. The organization is the token's; nothing in the body names one.

use crate::{
    guard::Reporting,
    input::{Body, INGEST_LIMIT},
    problem::{Answer, Refusal},
    state::{State, now},
};
use actix_web::web::{Data, Json};
use shared::{
    ErrorCode,
    report::{ReportAck, ReportBatch},
};
use store::{IngestError, ValidBatch};

/// `POST /api/v1/ingest/reports`, answered after the commit: what it counts survives the death of the server.
pub async fn reports(state: Data<State>, from: Reporting, body: Body<ReportBatch>) -> Answer<Json<ReportAck>> {
    let batch = body.read_up_to(INGEST_LIMIT).await?;
    let org = from.scope().org();
    let plan = state.plans().plan(from.scope().plan_key());
    let (batch, refused) = ValidBatch::new(batch, now()).map_err(|errors| {
        Refusal::new(ErrorCode::Invalid)
            .detail("Nothing of the batch can be kept. Correct the fields named in `errors`.")
            .with(|problem| problem.errors = errors)
            .org(org)
    })?;
    let outcome = state.submit(from.into_scope(), batch.with_host_limit(plan.hosts)).await.map_err(|error| {
        let at_limit = matches!(error, IngestError::HostLimit { .. });
        let refusal = Refusal::from(error).org(org);
        if at_limit { refusal.with(|problem| problem.current_plan = Some(plan.name)) } else { refusal }
    })?;
    Ok(Json(ReportAck {
        accepted: outcome.accepted,
        duplicates: outcome.duplicates,
        rejected: refused.reports,
        inventory_rejected: refused.inventory,
    }))
}
