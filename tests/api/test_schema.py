"""The OpenAPI document against the service: whatever it allows is answered as it says."""

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
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


@pytest.fixture(scope="module")
def document(described: httpx.Client) -> schemathesis.BaseSchema:
    """The document as it is served."""
    return schemathesis.openapi.from_url(f"{described.base_url}/openapi.json")


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_every_response_is_as_documented(case: schemathesis.Case) -> None:
    response = case.call()
    assert response.status_code < 500
    case.validate_response(
        response,
        checks=[
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
