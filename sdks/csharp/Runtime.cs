using System;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Gojinn
{
    /// <summary>What the adapter calls (runtimes/csharp/src/adapter.c): once when a function is built, then for each
    /// request.</summary>
    internal static unsafe class Runtime
    {
        private const int Error = 3;
        private const string Expected = "'public static Response Handle(Request request)'";
        private const string Failed = "{\"status\":500,\"headers\":{\"content-type\":[\"application/problem+json\"]},\"body\":\"{\\\"title\\\":\\\"the function failed\\\",\\\"status\\\":500}\"}";
        private const string Rehearsal = "{\"method\":\"POST\",\"uri\":\"/a%20b?a=b%20c\",\"headers\":{\"Accept\":[\"text/html\"]},\"body\":\"{\\\"a\\\":[1,1.5,null],\\\"b\\\":\\\"c\\\"}\",\"trace_id\":\"\",\"tenant\":\"default\",\"client_ip\":\"\",\"trigger\":\"http\",\"attempt\":1}";

        private static Func<Request, Response> handle;
        private static Func<Request, Task<Response>> handleAsync;
        private static readonly Output Console = new Output();

        /// <summary>Whether the function is being built, so that there is no host yet.</summary>
        internal static bool Loading { get; private set; } = true;

        /// <summary>Loads the function. Ends the build with the reason where that fails.</summary>
        private static void Load()
        {
            System.Console.SetOut(Console);
            System.Console.SetError(Console);
            AppDomain.CurrentDomain.ProcessExit += (sender, arguments) => Exit();
            ThreadPool.QueueUserWorkItem(nothing => { });
            try
            {
                var types = Assembly.GetExecutingAssembly().GetTypes().Where(type => type.Namespace != nameof(Gojinn)).ToArray();
                Inlining.Restrict(types);
                Randomness.Begin();
                InstallHandler();
                var method = FindHandler(types);
                RuntimeHelpers.RunClassConstructor(method.DeclaringType.TypeHandle);
                var drawn = Randomness.Drawn;
                Warm(method.DeclaringType);
                Randomness.Keep(types, drawn);
                for (var i = 0; i < 3; i++) Rehearse();
                Console.Flush();
                Loading = false;
            }
            catch (Exception error)
            {
                Fail(error);
                Native.Exit(1);
            }
        }

        /// <summary>What <c>HttpClient</c> asks by is there only where the function names it.</summary>
        private static void InstallHandler()
        {
            var handler = Assembly.GetExecutingAssembly().GetType("Gojinn.HostHandler");
            handler?.GetMethod("Install", BindingFlags.Static | BindingFlags.NonPublic).Invoke(null, null);
        }

        private static MethodInfo FindHandler(Type[] types)
        {
            const BindingFlags Ours = BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly;
            var found = types.SelectMany(type => type.GetMethods(Ours)).Where(method => method.Name == "Handle").ToList();
            if (found.Count == 0) throw new MissingMethodException($"there is no handler, expected {Expected} in a public static class");
            if (found.Count > 1) throw new AmbiguousMatchException($"there are {found.Count} public static methods 'Handle', expected one: " + string.Join(", ", found.Select(each => each.DeclaringType.FullName)));
            Bind(found[0]);
            return found[0];
        }

        private static void Bind(MethodInfo method)
        {
            var takes = method.GetParameters();
            var fits = takes.Length == 1 && takes[0].ParameterType == typeof(Request) && !method.IsGenericMethod;
            if (fits && method.ReturnType == typeof(Response))
                handle = (Func<Request, Response>)method.CreateDelegate(typeof(Func<Request, Response>));
            else if (fits && method.ReturnType == typeof(Task<Response>))
                handleAsync = (Func<Request, Task<Response>>)method.CreateDelegate(typeof(Func<Request, Task<Response>>));
            else
                throw new MissingMethodException($"{method.DeclaringType.FullName}.Handle takes ({string.Join(", ", takes.Select(each => each.ParameterType.Name))}) and returns {method.ReturnType.Name}, expected {Expected}, or Task<Response>");
        }

        /// <summary>Runs what the function has for this: what runs here need not be prepared in each request.</summary>
        private static void Warm(Type type)
        {
            var method = type.GetMethod("Warm", BindingFlags.Static | BindingFlags.Public, null, Type.EmptyTypes, null);
            if (method == null) return;
            try
            {
                method.Invoke(null, null);
            }
            catch (TargetInvocationException error)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(error.InnerException).Throw();
            }
        }

        /// <summary>Answers a request as if it were one, with something else than the function: all of that is then
        /// prepared.</summary>
        private static void Rehearse()
        {
            var given = handle;
            var givenAsync = handleAsync;
            if (given != null) handle = Rehearsed;
            else handleAsync = request => Task.FromResult(Rehearsed(request));
            Native.Clear();
            Native.Put(Rehearsal);
            Serve();
            handle = given;
            handleAsync = givenAsync;
        }

        private static Response Rehearsed(Request request)
        {
            var seen = request.Path + request.Query["a"] + request.Headers["accept"] + request.Text + Environment.GetEnvironmentVariable("PATH");
            try
            {
                throw new InvalidOperationException(seen);
            }
            catch (Exception error)
            {
                Failure.Told(error);
            }
            Response.Json(new { seen, value = request.Json(), list = new[] { 1, 2 }, real = 1.5, none = (object)null });
            return Response.Text(seen).With("X-A", "1");
        }

        /// <summary>Answers one request; that of a task is answered when it has ended.</summary>
        private static void Serve()
        {
            try
            {
                Randomness.Renew();
                var size = Native.Read(out var at);
                var request = Request.Read(at, size);
                if (handle != null)
                {
                    Answer(handle(request));
                    return;
                }
                var task = handleAsync(request) ?? throw new InvalidOperationException("'Handle' returned null, expected a task");
                if (task.IsCompleted) Finish(task);
                else task.ContinueWith(Finish, TaskContinuationOptions.ExecuteSynchronously);
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }

        private static void Finish(Task<Response> task)
        {
            try
            {
                Answer(task.GetAwaiter().GetResult());
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }

        /// <summary>Nothing is left to be done, and the request has no answer.</summary>
        private static void Stuck() => Fail(new InvalidOperationException("the task of 'Handle' never ended: nothing that it waits for can happen"));

        private static void Answer(Response response)
        {
            if (response == null) throw new InvalidOperationException("'Handle' returned null, expected a Response");
            response.Write();
            Console.Flush();
            Native.Send();
        }

        /// <summary>Takes the place of what ends the process: there is none, and the interpreter cannot end.</summary>
        private static void Exit()
        {
            Refuse("the function called 'Environment.Exit', which ends nothing here");
            Native.Exit(Loading ? 1 : 0);
        }

        private static void Fail(Exception error) => Refuse(Failure.Told(error));

        private static void Refuse(string reason)
        {
            Console.Flush();
            Native.Log(Error, reason);
            if (Loading) return;
            Native.Clear();
            Native.Put(Failed);
            Native.Send();
        }
    }
}
