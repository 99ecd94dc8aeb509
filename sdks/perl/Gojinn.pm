# Write functions for Gojinn in Perl:
#
#   sub handle {
#       my ($request) = @_;
#       return Response->json({ hello => $request->query('name') // 'world' });
#   }
#
# Request and Response are at hand in every file. What the host keeps for functions is in Gojinn::KV, Lock, SQL, Blob,
# Queue, HTTP, AI and Log; Gojinn::Host has any operation. Nothing has to be used or required.
package Gojinn;
use strict;
use warnings;

use Gojinn::Error;
use Gojinn::Host;
use Gojinn::Request;
use Gojinn::Response;
use Gojinn::Log;
use Gojinn::KV;
use Gojinn::Lock;
use Gojinn::SQL;
use Gojinn::Blob;
use Gojinn::Queue;
use Gojinn::HTTP;
use Gojinn::AI;

@Request::ISA = ('Gojinn::Request');
@Response::ISA = ('Gojinn::Response');
$INC{'Request.pm'} = $INC{'Response.pm'} = 'Gojinn.pm';

1;
