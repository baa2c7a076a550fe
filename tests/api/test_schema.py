"""The OpenAPI document against the service: whatever it allows is answered as it says."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rag.encoders import Encoders
from rag.service import open_service
from rag.settings import Settings
from tests.api.serving import client_of


@pytest.fixture(scope="module")
def described(
    encoders: Encoders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a library of one small article."""
    folder = tmp_path_factory.mktemp("described")
    service = open_service(Settings(data=folder, model="extractive"), encoders)
    service.put("lindau.txt", b"The harbour of Lindau was opened in 1856.\n")
    with client_of(service) as client:
        yield client
    service.close()


def test_every_response_is_as_documented(described: httpx.Client) -> None:
    document = schemathesis.openapi.from_url(f"{described.base_url}/openapi.json")
    operations = [found.ok() for found in document.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 13
    for operation in operations:
        _hold(operation)


def _hold(operation: schemathesis.APIOperation[Any, Any, Any, Any]) -> None:
    """Send what the document allows, and hold each response against it."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=12,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def as_documented(case: schemathesis.Case[Any]) -> None:
        response = case.call(timeout=60)
        assert response.status_code < 500
        case.validate_response(
            response,
            checks=[
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    as_documented()
