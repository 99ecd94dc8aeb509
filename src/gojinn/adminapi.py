"""Which paths the admin API has beyond `process.control`'s own, in one place. What answers lives elsewhere.

Apart from `app`, because only the supervisor needs it: workers start without.
"""

from __future__ import annotations

from gojinn.capabilities.kv import admin as kv
from gojinn.fabric.admin import AdminRoute
from gojinn.fabric.jobs import admin as jobs
from gojinn.triggers.cron import admin as cron

ADMIN: tuple[AdminRoute, ...] = (*jobs.ADMIN, *kv.ADMIN, *cron.ADMIN)
