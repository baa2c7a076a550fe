"""`open_service(settings)` -> ask, check, ingest, verify and the library's facts.

`composition` puts the parts together, `service` is what they do, `inputs` is what it is given.
"""

from rag.service.composition import open_service
from rag.service.service import Service, Status

__all__ = ["Service", "Status", "open_service"]
